//! A network that is used and not trained: opened from a file, without the data it was trained on.

use crate::checkpoint::Checkpoint;
use crate::error::Result;
use crate::tasks::{Answer, Preview, Question, Request, Task, VectorsQuestion, look, preview};
use crate::train::RunInfo;
use burn::prelude::*;
use std::pin::Pin;

/// A network with what it takes to ask it.
pub struct Model<T: Task> {
    task: T,
    network: T::Network,
    device: Device,
    info: RunInfo,
}

impl<T: Task> Model<T> {
    /// Opens a file.
    ///
    /// # Errors
    /// Those of [`Checkpoint::read`] and [`Task::recall`]; [`ErrorCode::Checkpoint`](crate::error::ErrorCode)
    /// where weights are missing or too many.
    pub fn open(file: &Checkpoint, device: &Device) -> Result<Self> {
        let header = &file.header;
        let task = T::recall(&header.config, &header.vocabularies, header.data.clone())?;
        Ok(Self {
            network: file.network(&task, "model", device)?,
            device: device.clone(),
            info: file.info(),
            task,
        })
    }

    /// The network itself.
    pub fn network(&self) -> &T::Network {
        &self.network
    }
}

/// A model of any task.
pub trait AnyModel {
    /// The run that it comes from.
    fn info(&self) -> &RunInfo;

    /// The data that it was trained on, and the network.
    fn preview(&self) -> Preview;

    /// Answers a user; see [`answer`].
    fn answer<'a>(
        &'a self,
        request: &'a Request,
        on_partial: &'a mut dyn FnMut(Answer),
    ) -> Pin<Box<dyn Future<Output = Result<Answer>> + 'a>>;
}

impl<T: Task> AnyModel for Model<T> {
    fn info(&self) -> &RunInfo {
        &self.info
    }

    fn preview(&self) -> Preview {
        preview(&self.task, &self.info.config, None)
    }

    fn answer<'a>(
        &'a self,
        request: &'a Request,
        on_partial: &'a mut dyn FnMut(Answer),
    ) -> Pin<Box<dyn Future<Output = Result<Answer>> + 'a>> {
        Box::pin(answer(
            &self.task,
            &self.network,
            request,
            on_partial,
            &self.device,
        ))
    }
}

/// Answers a user with these weights; `on_partial` is called with unfinished answers.
///
/// # Errors
/// [`ErrorCode::State`](crate::error::ErrorCode) for a request to another task, and those of [`Task::answer`].
pub async fn answer<T: Task>(
    task: &T,
    network: &T::Network,
    request: &Request,
    on_partial: &mut dyn FnMut(Answer),
    device: &Device,
) -> Result<Answer> {
    if let Some(question) = VectorsQuestion::of(request) {
        let answer = look(task, network, question).await?;
        return Ok(answer.into());
    }
    let question = T::Question::expect(request)?;
    let mut forward = |partial: T::Answer| on_partial(partial.into());
    let answer = task.answer(network, question, &mut forward, device).await?;
    Ok(answer.into())
}
