//! One model to be asked, on the CPU: all that a page needs which only shows what was trained elsewhere.

use super::{Result, forward, js, rust};
use crate::checkpoint::{Checkpoint, ModelFacts};
use crate::config::Schema;
use crate::device;
use crate::model::AnyModel;
use crate::tasks::{Answer, Preview, Request, TaskKind};
use crate::train::RunInfo;
use js_sys::Function;
use tsify::Ts;
use wasm_bindgen::prelude::*;

/// A model that was opened.
#[wasm_bindgen]
pub struct Player {
    model: Box<dyn AnyModel>,
    facts: ModelFacts,
}

#[wasm_bindgen]
impl Player {
    /// Opens the model in a file.
    pub fn open(bytes: &[u8]) -> Result<Player> {
        let file = Checkpoint::read(bytes)?;
        let (device, _) = device::cpu();
        Ok(Self {
            model: TaskKind::open(&file, &device)?,
            facts: file.facts(),
        })
    }

    /// What the file says of the model.
    pub fn facts(&self) -> Result<Ts<ModelFacts>> {
        js(self.facts.clone())
    }

    /// The run that it comes from.
    pub fn info(&self) -> Result<Ts<RunInfo>> {
        js(self.model.info().clone())
    }

    /// The data that it was trained on, and the network.
    pub fn preview(&self) -> Result<Ts<Preview>> {
        js(self.model.preview())
    }

    /// Answers a question; `on_partial` gets unfinished answers.
    pub async fn infer(
        &self,
        request: Ts<Request>,
        #[wasm_bindgen(unchecked_param_type = "(answer: Answer) => void")] on_partial: Function,
    ) -> Result<Ts<Answer>> {
        let request = rust(request)?;
        let mut on_partial = forward(&on_partial);
        js(self.model.answer(&request, &mut on_partial).await?)
    }
}

/// The tasks and their settings in words.
#[wasm_bindgen]
pub fn schema() -> Result<Ts<Schema>> {
    js(crate::config::schema())
}
