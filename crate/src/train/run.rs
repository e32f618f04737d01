//! Data, tasks and trainers whose kind is known only when a user has chosen it.

use super::{Event, RunInfo, Trainer};
use crate::checkpoint::Checkpoint;
use crate::config::Config;
use crate::corpus::{TextFile, WordVectors};
use crate::error::Result;
use crate::tasks::{Answer, Preview, Request, Task, preview};
use burn::prelude::*;
use serde_json::Value;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + 'a>>;

/// The records of a task.
pub struct Data<T: Task> {
    corpus: T::Corpus,
}

impl<T: Task> Data<T> {
    /// Reads files into records.
    ///
    /// # Errors
    /// Those of [`Task::read`].
    pub fn read(files: &[TextFile]) -> Result<Self> {
        Ok(Self {
            corpus: T::read(files)?,
        })
    }
}

/// The records of any task.
pub trait Loaded {
    /// The task with the records that the settings ask for; `known` are the vocabularies of a network that
    /// they are for.
    ///
    /// # Errors
    /// Those of [`Task::prepare`].
    fn prepare(&self, config: &Config, known: Option<&Value>) -> Result<Rc<dyn Prepared>>;
}

impl<T: Task> Loaded for Data<T> {
    fn prepare(&self, config: &Config, known: Option<&Value>) -> Result<Rc<dyn Prepared>> {
        Ok(Rc::new(T::prepare(config, &self.corpus, known)?))
    }
}

/// What a new network begins with.
pub enum Origin<'a> {
    /// Weights that are drawn at random.
    Chance,
    /// The same, but for the vectors of words that both know.
    Vectors(&'a WordVectors),
    /// The weights of a model, whose vocabularies the data was read with.
    Model(&'a Checkpoint<'a>),
}

/// Any task with its data.
pub trait Prepared {
    /// Data and network for these settings, which might start from these word vectors.
    fn preview(&self, config: &Config, vectors: Option<&WordVectors>) -> Preview;

    /// A run at step 0 from what is given.
    ///
    /// # Errors
    /// Those of [`Trainer::new`], [`Trainer::start_from`] and [`Trainer::start_with`].
    fn create(
        self: Rc<Self>,
        config: Config,
        from: Origin<'_>,
        device: &Device,
    ) -> Result<Box<dyn Run>>;

    /// The run that a checkpoint holds.
    ///
    /// # Errors
    /// Those of [`Trainer::restore`].
    fn restore(self: Rc<Self>, bytes: &[u8], device: &Device) -> Result<Box<dyn Run>>;
}

impl<T: Task> Prepared for T {
    fn preview(&self, config: &Config, vectors: Option<&WordVectors>) -> Preview {
        preview(self, config, vectors)
    }

    fn create(
        self: Rc<Self>,
        config: Config,
        from: Origin<'_>,
        device: &Device,
    ) -> Result<Box<dyn Run>> {
        let mut trainer = Trainer::new(self, config, device)?;
        match from {
            Origin::Chance => {}
            Origin::Vectors(vectors) => trainer.start_from(vectors)?,
            Origin::Model(file) => trainer.start_with(file)?,
        }
        Ok(Box::new(trainer))
    }

    fn restore(self: Rc<Self>, bytes: &[u8], device: &Device) -> Result<Box<dyn Run>> {
        Ok(Box::new(Trainer::restore(self, bytes, device)?))
    }
}

/// A trainer of any task; see [`Trainer`].
pub trait Run {
    fn info(&self) -> RunInfo;
    /// # Errors
    /// Those of [`Trainer::set_live`].
    fn set_live(&mut self, config: &Config) -> Result<()>;
    fn go_on(&mut self);
    fn advance(&mut self, budget: Duration) -> Pending<'_, Vec<Event>>;
    fn answer<'a>(
        &'a self,
        request: &'a Request,
        on_partial: &'a mut dyn FnMut(Answer),
    ) -> Pending<'a, Answer>;
    fn checkpoint(&self) -> Pending<'_, Vec<u8>>;
}

impl<T: Task> Run for Trainer<T> {
    fn info(&self) -> RunInfo {
        self.info()
    }

    fn set_live(&mut self, config: &Config) -> Result<()> {
        self.set_live(config)
    }

    fn go_on(&mut self) {
        self.go_on();
    }

    fn advance(&mut self, budget: Duration) -> Pending<'_, Vec<Event>> {
        Box::pin(self.advance(budget))
    }

    fn answer<'a>(
        &'a self,
        request: &'a Request,
        on_partial: &'a mut dyn FnMut(Answer),
    ) -> Pending<'a, Answer> {
        Box::pin(self.answer(request, on_partial))
    }

    fn checkpoint(&self) -> Pending<'_, Vec<u8>> {
        Box::pin(self.checkpoint())
    }
}
