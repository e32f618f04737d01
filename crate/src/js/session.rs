//! One session with a device, data and a run.
//!
//! A session takes one call at a time: an asynchronous one holds it until it is done.

use super::{Result, forward, js, report_failure, rust};
use crate::bench::Workload;
use crate::checkpoint::{self, Checkpoint, ModelFacts, Slim};
use crate::compare::{self, Case};
use crate::config::{Config, Schema};
use crate::corpus::{self, TextFile, VectorsReport, WordVectors};
use crate::device::{self, DeviceKind, DeviceReport};
use crate::error::{Error, ErrorCode};
use crate::model::AnyModel;
use crate::tasks::{Answer, Preview, Request, TaskKind};
use crate::train::{Event, Loaded, Origin, Prepared, Run, RunInfo};
use burn::prelude::*;
use js_sys::Function;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use std::time::Duration;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

/// No slice of training is longer than this, whatever the budget.
const LONGEST_SLICE: Duration = Duration::from_secs(60);

fn report_lost(reason: String) {
    report_failure(&format!("The GPU was lost: {reason}"));
}

/// What a new network begins with, besides chance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct Start {
    /// The loaded word vectors, in its tables.
    pub vectors: bool,
    /// The opened model: its weights, and its vocabularies to read the data with.
    pub model: bool,
}

/// A model that was opened.
#[derive(Clone, Debug, Serialize, Deserialize, Tsify)]
pub struct OpenedModel {
    /// The run that it comes from.
    pub info: RunInfo,
    /// The data that it was trained on, and the network.
    pub preview: Preview,
}

/// A device, the loaded data, and the run on it.
#[wasm_bindgen]
pub struct Session {
    device: Device,
    report: DeviceReport,
    /// The task whose data is loaded, and the data.
    data: Option<(TaskKind, Box<dyn Loaded>)>,
    /// The data as it was last prepared, with the settings that it was prepared for, and whether for the model.
    prepared: Option<(Config, bool, Rc<dyn Prepared>)>,
    run: Option<Box<dyn Run>>,
    /// A model without its data, and the file it came from; it answers where there is no run.
    model: Option<(Box<dyn AnyModel>, Vec<u8>)>,
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
            model: None,
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
        let data = task.load(&files)?;
        if self
            .data
            .as_ref()
            .is_some_and(|(before, _)| *before != task)
        {
            self.model = None;
        }
        self.data = Some((task, data));
        self.prepared = None;
        // The run belonged to the data before.
        self.run = None;
        Ok(())
    }

    /// Data and network for these settings; `model`: the data as the opened model reads it.
    pub fn preview(&mut self, config: Ts<Config>, model: bool) -> Result<Ts<Preview>> {
        let config = rust(config)?;
        config.check()?;
        let prepared = self.prepare(&config, model)?;
        js(prepared.preview(&config, self.vectors.as_ref()))
    }

    /// A new network at step 0, in place of the run that was there.
    pub fn create(&mut self, config: Ts<Config>, start: Ts<Start>) -> Result<Ts<RunInfo>> {
        let (config, start) = (rust(config)?, rust(start)?);
        config.check()?;
        let prepared = self.prepare(&config, start.model)?;
        let file = match &self.model {
            Some((_, bytes)) if start.model => Some(Checkpoint::read(bytes)?),
            _ => None,
        };
        let from = match (&file, &self.vectors) {
            (Some(file), _) => Origin::Model(file),
            (None, Some(vectors)) if start.vectors => Origin::Vectors(vectors),
            _ => Origin::Chance,
        };
        let run = prepared.create(config, from, &self.device)?;
        self.start(run)
    }

    /// Opens a model without its data, in place of the run that was there: it answers, and new networks may begin
    /// with it.
    pub fn open_model(&mut self, bytes: Vec<u8>) -> Result<Ts<OpenedModel>> {
        let model = TaskKind::open(&Checkpoint::read(&bytes)?, &self.device)?;
        let opened = OpenedModel {
            info: model.info().clone(),
            preview: model.preview(),
        };
        self.model = Some((model, bytes));
        self.prepared = None;
        self.run = None;
        js(opened)
    }

    /// Reads word vectors that new networks may start from. If they cannot be used, those from before stay.
    pub fn load_vectors(&mut self, file: Ts<TextFile>) -> Result<Ts<VectorsReport>> {
        let vectors = WordVectors::read(&rust(file)?)?;
        let report = vectors.report();
        self.vectors = Some(vectors);
        js(report)
    }

    /// The run that a checkpoint holds, in place of the run that was there; `model`: it began with the opened
    /// model, so its data is read as that reads it.
    pub fn restore(&mut self, bytes: &[u8], model: bool) -> Result<Ts<RunInfo>> {
        let config = Checkpoint::read(bytes)?.header.config;
        let run = self.prepare(&config, model)?.restore(bytes, &self.device)?;
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
        let mut on_partial = forward(&on_partial);
        js(match (&self.run, &self.model) {
            (Some(run), _) => run.answer(&request, &mut on_partial).await?,
            (None, Some((model, _))) => model.answer(&request, &mut on_partial).await?,
            (None, None) => return Err(no_network().into()),
        })
    }

    /// The run, or the model that was opened, as a file.
    pub async fn checkpoint(&mut self) -> Result<Vec<u8>> {
        Ok(match (&self.run, &self.model) {
            (Some(run), _) => run.checkpoint().await?,
            (None, Some((_, bytes))) => bytes.clone(),
            (None, None) => return Err(no_network().into()),
        })
    }
}

impl Session {
    /// The task for these settings, made anew only when a setting that it depends on has changed.
    fn prepare(&mut self, config: &Config, model: bool) -> crate::error::Result<Rc<dyn Prepared>> {
        let key = config.data_settings();
        if let Some((settings, for_model, prepared)) = &self.prepared
            && (settings, *for_model) == (&key, model)
        {
            return Ok(prepared.clone());
        }
        let Some((_, data)) = self.data.as_ref().filter(|(task, _)| *task == config.task) else {
            let message = "The data of this task is not loaded yet; wait a moment.";
            return Err(Error::new(ErrorCode::State, message));
        };
        let vocabularies = match &self.model {
            Some((_, bytes)) if model => Some(Checkpoint::read(bytes)?.header.vocabularies),
            _ => None,
        };
        let prepared = data.prepare(config, vocabularies.as_ref())?;
        self.prepared = Some((key, model, prepared.clone()));
        Ok(prepared)
    }

    fn start(&mut self, run: Box<dyn Run>) -> Result<Ts<RunInfo>> {
        let info = run.info();
        self.run = Some(run);
        js(info)
    }

    fn run(&mut self) -> crate::error::Result<&mut Box<dyn Run>> {
        self.run.as_mut().ok_or_else(no_network)
    }
}

fn no_network() -> Error {
    let message = "There is no network in training yet; train one first.";
    Error::new(ErrorCode::State, message)
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

/// What a file says of the model in it, which is opened once to see that it is whole.
#[wasm_bindgen]
pub fn model_facts(bytes: &[u8]) -> Result<Ts<ModelFacts>> {
    let file = Checkpoint::read(bytes)?;
    TaskKind::open(&file, &device::cpu().0)?;
    js(file.facts())
}

/// The model of a file in a smaller file.
#[wasm_bindgen]
pub fn slim(bytes: &[u8], options: Ts<Slim>) -> Result<Vec<u8>> {
    Ok(checkpoint::slim(bytes, &rust(options)?)?)
}
