//! What JavaScript sees of the crate: one session with a device, data and a run.
//!
//! The only file that knows JavaScript exists. A session takes one call at a time: an
//! asynchronous one holds it until it is done.

use crate::bench::Workload;
use crate::checkpoint;
use crate::compare::{self, Case};
use crate::config::{Config, Schema};
use crate::corpus::{self, TextFile, VectorsReport, WordVectors};
use crate::device::{self, DeviceKind, DeviceReport};
use crate::error::{Error, ErrorCode};
use crate::tasks::{Answer, Preview, Request, TaskKind};
use crate::train::{Event, Loaded, Prepared, Run, RunInfo};
use burn::prelude::*;
use js_sys::Function;
use std::rc::Rc;
use std::time::Duration;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

/// No slice of training is longer than this, whatever the budget.
const LONGEST_SLICE: Duration = Duration::from_secs(60);

type Result<T> = std::result::Result<T, JsValue>;

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        error
            .into_ts()
            .map_or_else(|cause| cause.to_string().into(), Into::into)
    }
}

#[wasm_bindgen]
extern "C" {
    /// The worker's hook for the end of this session: a panic, or a GPU that was lost. After either
    /// a pending call may never come to an end.
    #[wasm_bindgen(catch, js_namespace = globalThis, js_name = unrolledFailed)]
    fn unrolled_failed(reason: &str) -> std::result::Result<(), JsValue>;
}

/// Tells the worker that this session is of no more use.
fn report_failure(reason: &str) {
    // An error means that the page has set no hook.
    let _ = unrolled_failed(reason);
}

fn report_lost(reason: String) {
    report_failure(&format!("The GPU was lost: {reason}"));
}

/// A value on its way to JavaScript.
fn js<T: Tsify + serde::Serialize>(value: T) -> Result<Ts<T>> {
    value.into_ts().map_err(|cause| internal(cause).into())
}

/// A value that came from JavaScript.
fn rust<T: Tsify + serde::de::DeserializeOwned>(value: Ts<T>) -> Result<T>
where
    T::JsType: Clone,
{
    value.to_rust().map_err(|cause| internal(cause).into())
}

fn internal(cause: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorCode::State,
        format!(
            "The page and the trainer do not understand each other; reload the page. ({cause})"
        ),
    )
}

/// A device, the loaded data, and the run on it.
#[wasm_bindgen]
pub struct Session {
    device: Device,
    report: DeviceReport,
    /// The task whose data is loaded, and the data.
    data: Option<(TaskKind, Box<dyn Loaded>)>,
    /// The data as it was last prepared, with the settings that it was prepared for.
    prepared: Option<(Config, Rc<dyn Prepared>)>,
    run: Option<Box<dyn Run>>,
    /// Vectors that new networks may start from.
    vectors: Option<WordVectors>,
}

#[wasm_bindgen]
impl Session {
    /// Opens a device: `cpu`, or `webgpu`, which is tested before it is used.
    pub async fn open(kind: Ts<DeviceKind>) -> Result<Session> {
        let (device, report) = match rust(kind)? {
            DeviceKind::Cpu => device::cpu(),
            DeviceKind::Webgpu => device::webgpu(report_lost).await?,
        };
        Ok(Self {
            device,
            report,
            data: None,
            prepared: None,
            run: None,
            vectors: None,
        })
    }

    /// What the device is.
    pub fn device(&self) -> Result<Ts<DeviceReport>> {
        js(self.report.clone())
    }

    /// Reads a task's files; none stand for what the program itself writes. If they cannot be used, what was
    /// loaded before stays.
    pub fn load(&mut self, task: Ts<TaskKind>, files: Vec<Ts<TextFile>>) -> Result<()> {
        let task = rust(task)?;
        let files = files.into_iter().map(rust).collect::<Result<Vec<_>>>()?;
        self.data = Some((task, task.load(&files)?));
        self.prepared = None;
        // The run belonged to the data before.
        self.run = None;
        Ok(())
    }

    /// Data and network for these settings.
    pub fn preview(&mut self, config: Ts<Config>) -> Result<Ts<Preview>> {
        let config = rust(config)?;
        config.check()?;
        let prepared = self.prepare(&config)?;
        js(prepared.preview(&config, self.vectors.as_ref()))
    }

    /// A new network at step 0, in place of the run that was there; `from_vectors`: with the loaded word
    /// vectors in its tables.
    pub fn create(&mut self, config: Ts<Config>, from_vectors: bool) -> Result<Ts<RunInfo>> {
        let config = rust(config)?;
        config.check()?;
        let prepared = self.prepare(&config)?;
        let vectors = self.vectors.as_ref().filter(|_| from_vectors);
        let run = prepared.create(config, vectors, &self.device)?;
        self.start(run)
    }

    /// Reads word vectors that new networks may start from. If they cannot be used, those from before stay.
    pub fn load_vectors(&mut self, file: Ts<TextFile>) -> Result<Ts<VectorsReport>> {
        let vectors = WordVectors::read(&rust(file)?)?;
        let report = vectors.report();
        self.vectors = Some(vectors);
        js(report)
    }

    /// The run that a checkpoint holds, in place of the run that was there.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<Ts<RunInfo>> {
        let config = checkpoint::config(bytes)?;
        let run = self.prepare(&config)?.restore(bytes, &self.device)?;
        self.start(run)
    }

    /// Trains for about so many milliseconds, 0 for one step, and returns what happened.
    pub async fn advance(&mut self, budget_ms: f64) -> Result<Vec<Ts<Event>>> {
        let budget = Duration::try_from_secs_f64(budget_ms / 1_000.0)
            .unwrap_or_default()
            .min(LONGEST_SLICE);
        let events = self.run()?.advance(budget).await?;
        events.into_iter().map(js).collect()
    }

    /// Takes a finished run up again, if its settings ask for more epochs than it has had.
    pub fn go_on(&mut self) -> Result<()> {
        self.run()?.go_on();
        Ok(())
    }

    /// Applies the settings that may change during a run.
    pub fn set_live(&mut self, config: Ts<Config>) -> Result<()> {
        let config = rust(config)?;
        Ok(self.run()?.set_live(&config)?)
    }

    /// Answers a question with the weights as they are; `on_partial` gets unfinished answers.
    pub async fn infer(
        &mut self,
        request: Ts<Request>,
        #[wasm_bindgen(unchecked_param_type = "(answer: Answer) => void")] on_partial: Function,
    ) -> Result<Ts<Answer>> {
        let request = rust(request)?;
        let mut forward = |answer: Answer| {
            if let Ok(answer) = js(answer) {
                // An exception in the page's own callback is the page's affair.
                let _ = on_partial.call1(&JsValue::NULL, &answer.js_value());
            }
        };
        js(self.run()?.answer(&request, &mut forward).await?)
    }

    /// The run as bytes.
    pub async fn checkpoint(&mut self) -> Result<Vec<u8>> {
        Ok(self.run()?.checkpoint().await?)
    }
}

impl Session {
    /// The task for these settings, made anew only when a setting that it depends on has changed.
    fn prepare(&mut self, config: &Config) -> crate::error::Result<Rc<dyn Prepared>> {
        let key = config.data_settings();
        if let Some((settings, prepared)) = &self.prepared
            && *settings == key
        {
            return Ok(prepared.clone());
        }
        let Some((_, data)) = self.data.as_ref().filter(|(task, _)| *task == config.task) else {
            let message = "The data of this task is not loaded yet; wait a moment.";
            return Err(Error::new(ErrorCode::State, message));
        };
        let prepared = data.prepare(config)?;
        self.prepared = Some((key, prepared.clone()));
        Ok(prepared)
    }

    fn start(&mut self, run: Box<dyn Run>) -> Result<Ts<RunInfo>> {
        let info = run.info();
        self.run = Some(run);
        js(info)
    }

    fn run(&mut self) -> crate::error::Result<&mut Box<dyn Run>> {
        self.run.as_mut().ok_or_else(|| {
            Error::new(
                ErrorCode::State,
                "There is no network yet; train one first.",
            )
        })
    }
}

/// Training steps on synthetic workloads, for measuring; see `bench.html`.
#[wasm_bindgen]
pub struct Bench {
    device: Device,
    bench: Option<crate::bench::Bench>,
}

#[wasm_bindgen]
impl Bench {
    /// Opens a device: `cpu`, or `webgpu` without its self-test.
    pub async fn open(kind: Ts<DeviceKind>) -> Result<Bench> {
        let device = match rust(kind)? {
            DeviceKind::Cpu => device::cpu().0,
            DeviceKind::Webgpu => device::open_webgpu(report_lost).await?.0,
        };
        Ok(Self {
            device,
            bench: None,
        })
    }

    /// Makes a workload's network, in place of the one before.
    pub fn load(&mut self, workload: Ts<Workload>) -> Result<()> {
        self.bench = Some(crate::bench::Bench::new(rust(workload)?, &self.device));
        Ok(())
    }

    /// One training step; resolves to the mean loss before it.
    pub async fn step(&mut self) -> Result<f32> {
        Ok(self.loaded()?.step().await?)
    }

    /// Generates so many tokens with a language model.
    pub async fn generate(&mut self, count: u32) -> Result<Vec<u32>> {
        Ok(self.loaded()?.generate(count).await?)
    }

    /// The largest relative difference between a kernel on this device and plain operations on the CPU.
    pub async fn compare(&mut self, case: Ts<Case>) -> Result<f32> {
        Ok(compare::difference(&rust(case)?, &self.device).await?)
    }
}

impl Bench {
    fn loaded(&mut self) -> crate::error::Result<&mut crate::bench::Bench> {
        self.bench
            .as_mut()
            .ok_or_else(|| Error::new(ErrorCode::State, "Load a workload first."))
    }
}

/// All that a form needs to draw itself.
#[wasm_bindgen]
pub fn schema() -> Result<Ts<Schema>> {
    js(crate::config::schema())
}

/// Whether a text begins as a file of word vectors does; some kilobytes of it are enough.
#[wasm_bindgen]
pub fn is_word_vectors(beginning: &str) -> bool {
    corpus::is_word_vectors(beginning)
}

unsafe extern "C" {
    /// The linker's: runs the constructors that dependencies register themselves with.
    safe fn __wasm_call_ctors();
}

/// Runs when the module is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    // Once, and by hand: where nothing calls it, the linker takes the module for a command and
    // runs all constructors again in every single call from JavaScript, which then takes milliseconds.
    __wasm_call_ctors();
    // Afterwards the module is dead, and JavaScript would only know that it was "unreachable".
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        report_failure(&format!(
            "The program failed in a way it should not: {panic}"
        ));
    }));
}
