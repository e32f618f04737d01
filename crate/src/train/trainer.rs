//! The training loop, cut into slices so that a page stays in charge of it.

use super::progress::Sums;
use super::{
    EarlyStopping, Event, Finish, Gradients, Optimizer, Phase, Progress, RunInfo, Sample, Scores,
    TestScores, Verdict, rate, thin_curve,
};
use crate::checkpoint::Checkpoint;
use crate::config::Config;
use crate::corpus::WordVectors;
use crate::device;
use crate::error::{Error, ErrorCode, Result};
use crate::model::answer;
use crate::nn::{Dropout, Init, State, map_parameter, named_parameters};
use crate::rng::{Rng, Stream};
use crate::tasks::{Answer, Part, Request, Task};
use burn::module::Module;
use burn::prelude::*;
use std::rc::Rc;
use std::time::Duration;
use web_time::Instant;

/// Questions answered at once when a held-out part is scored.
const REPLIES_AT_ONCE: usize = 16;
/// Answers shown after every epoch.
const SAMPLES: usize = 6;
/// Training points that a curve keeps at most.
const CURVE_POINTS: usize = 1_000;
/// Epochs whose samples a run keeps, so that a long one's checkpoints stay small.
const EPOCHS_WITH_SAMPLES: usize = 100;

/// The sums of each batch of a slice while they are still on the device.
#[derive(Default)]
struct DeviceSums {
    /// Nats, then correct tokens, `[1]` each, for one batch after the other.
    sums: Vec<Tensor<1>>,
    tokens: Vec<usize>,
}

impl DeviceSums {
    fn add(&mut self, nats: Tensor<1>, correct: Tensor<1>, tokens: usize) {
        self.sums.extend([nats, correct]);
        self.tokens.push(tokens);
    }

    /// The one place where training waits for the device. Batches are not summed up before: where a slice
    /// ends is a matter of time, and must not show in the last digits of an epoch's loss.
    async fn read(self) -> Result<Vec<Sums>> {
        if self.sums.is_empty() {
            return Ok(Vec::new());
        }
        let values = device::read(Tensor::cat(self.sums, 0)).await?;
        let batches = values.as_chunks::<2>().0.iter().zip(&self.tokens);
        let sums = batches.map(|(&[nats, correct], &tokens)| Sums {
            nats: nats.into(),
            correct: correct.into(),
            tokens: tokens as f64,
        });
        Ok(sums.collect())
    }
}

/// What a checkpoint holds of a run.
pub(crate) struct Parts<T: Task> {
    pub network: T::Network,
    pub optimizer: Optimizer,
    pub progress: Progress,
    pub best: Option<T::Network>,
    pub carried: Vec<State>,
}

/// A network in training.
pub struct Trainer<T: Task> {
    pub(crate) task: Rc<T>,
    pub(crate) config: Config,
    pub(crate) device: Device,
    pub(crate) network: T::Network,
    pub(crate) optimizer: Optimizer,
    pub(crate) progress: Progress,
    /// The weights with the lowest validation loss, off the tape.
    pub(crate) best: Option<T::Network>,
    /// Recurrent states that the next batch of the phase goes on from, off the tape; empty where it begins anew.
    pub(crate) carried: Vec<State>,
    /// The last state that is known to be sound, at the start of an epoch: taken back when the loss runs away.
    sound: (T::Network, Optimizer, Progress),
    /// The training examples of each batch of the epoch under way.
    order: Vec<Vec<usize>>,
    /// Answers of the phase under way.
    replies: Vec<T::Reply>,
    /// What the held-out part under way came to.
    held_out_scores: Option<Scores>,
    /// Steps of the last slice, and how long one took.
    slice: usize,
    seconds_per_step: f64,
    /// How long the last whole evaluation took, and the one under way so far.
    seconds_per_evaluation: f64,
    evaluation_seconds: f64,
}

impl<T: Task> Trainer<T> {
    /// A fresh network on this device, at step 0.
    ///
    /// # Errors
    /// [`ErrorCode::Setting`] for values out of range, [`ErrorCode::Memory`] for what will not fit.
    pub fn new(task: Rc<T>, config: Config, device: &Device) -> Result<Self> {
        config.check()?;
        task.summary(&config).check_memory()?;
        let device = device.clone().autodiff();
        let mut rng = Rng::new(config.seed, Stream::Initialisation);
        let network = task.init(
            &config,
            &mut Init {
                style: config.initialisation,
                rng: &mut rng,
                device: &device,
            },
        );
        let optimizer = Optimizer::new(config.optimizer);
        let progress = Progress {
            phase: Phase::Training,
            epoch: 1,
            batch: 0,
            step: 0,
            stopping: EarlyStopping::new(config.patience),
            train: Sums::default(),
            held_out: Sums::default(),
            history: Vec::new(),
        };
        let parts = Parts {
            network,
            optimizer,
            progress,
            best: None,
            carried: Vec::new(),
        };
        Ok(Self::resume(task, config, device, parts))
    }

    /// A run from its parts, as a checkpoint holds them. A half-done evaluation starts over.
    pub(crate) fn resume(task: Rc<T>, config: Config, device: Device, parts: Parts<T>) -> Self {
        let Parts {
            network,
            optimizer,
            mut progress,
            best,
            mut carried,
        } = parts;
        if progress.phase != Phase::Training {
            carried.clear();
            progress.batch = 0;
            progress.held_out = Sums::default();
            // Its answers belong to the same weights as its loss: both are done again.
            progress.phase = match progress.phase {
                Phase::Scoring => Phase::Validating,
                Phase::TestScoring => Phase::Testing,
                phase => phase,
            };
        }
        let order = epoch_order(&*task, &config, progress.epoch);
        // Out of range only in a damaged checkpoint.
        progress.epoch = progress.epoch.max(1);
        progress.batch = progress.batch.min(order.len());
        let sound = (network.clone(), optimizer.clone(), progress.clone());
        Self {
            task,
            config,
            device,
            network,
            optimizer,
            progress,
            best,
            carried,
            sound,
            order,
            replies: Vec::new(),
            held_out_scores: None,
            slice: 0,
            seconds_per_step: 0.0,
            seconds_per_evaluation: 0.0,
            evaluation_seconds: 0.0,
        }
    }

    /// Gives a fresh network vectors that were learnt elsewhere: in each of its tables of token vectors
    /// the words that both know begin with the loaded vector, all others as they were drawn.
    ///
    /// # Errors
    /// [`ErrorCode::Setting`] if the network's vectors are of another length.
    pub fn start_from(&mut self, vectors: &WordVectors) -> Result<()> {
        let device = self.device.clone().inner();
        for table in self.task.embeddings() {
            let weights = named_parameters(&self.network);
            let Some(weight) = weights.iter().find(|w| w.name == table.weight()) else {
                continue;
            };
            let size = weight.shape.last().copied().unwrap_or(1);
            check_size(vectors, size)?;
            let count = weight.values.dims()[0];
            let (mut kept, mut given) = (vec![1f32; count], vec![0f32; count]);
            for (row, vector) in table.shared(vectors) {
                kept[row * size..][..size].fill(0.0);
                given[row * size..][..size].copy_from_slice(vector);
            }
            // Nothing is read back: a GPU answers later than this returns.
            let [kept, given] = [kept, given]
                .map(|values| Tensor::<1>::from_data(TensorData::new(values, [count]), &device));
            let network = self.network.clone();
            self.network = map_parameter(network, &table.weight(), |weight| weight * kept + given);
        }
        self.sound.0 = self.network.clone();
        Ok(())
    }

    /// Gives a fresh network the weights of a model, whose vocabularies its data was read with.
    ///
    /// # Errors
    /// [`ErrorCode::Setting`] if the settings ask for another network, and those of [`Checkpoint::read`].
    pub fn start_with(&mut self, file: &Checkpoint) -> Result<()> {
        let network = file.network(&*self.task, "model", &self.device)?;
        let shapes = |network: &T::Network| {
            let weights = named_parameters(network).into_iter();
            weights.map(|weight| (weight.name, weight.shape)).collect()
        };
        let [fresh, given]: [Vec<_>; 2] = [shapes(&self.network), shapes(&network)];
        if fresh != given {
            let message = "The settings ask for another network than the model's. Take the model's settings, or start a new network.";
            return Err(Error::new(ErrorCode::Setting, message));
        }
        self.sound.0 = network.clone();
        self.network = network;
        Ok(())
    }

    /// Whether the carried states have a row for each row of the batch that goes on from them.
    pub(crate) fn carried_states_fit(&self) -> bool {
        let rows = self.order.get(self.progress.batch).map(Vec::len);
        let mut states = self.carried.iter();
        states.all(|state| Some(state.hidden.dims()[0]) == rows)
    }

    /// The network as it is now.
    pub fn network(&self) -> &T::Network {
        &self.network
    }

    /// Where the run stands.
    pub fn info(&self) -> RunInfo {
        RunInfo {
            task: T::KIND,
            epoch: self.progress.epoch,
            step: self.progress.step,
            steps_per_epoch: self.order.len() as u32,
            finished: self.progress.phase == Phase::Finished,
            config: self.config.clone(),
            history: self.progress.history.clone(),
        }
    }

    /// Applies the settings that may change during a run.
    ///
    /// # Errors
    /// [`ErrorCode::Setting`] for values out of range.
    pub fn set_live(&mut self, config: &Config) -> Result<()> {
        config.check()?;
        self.config = self.config.with_live(config);
        Ok(())
    }

    /// Takes a finished run up again, if its settings ask for more epochs than it has had. The
    /// weights go on from where they are; where the best ones came back, the optimizer's running
    /// means are still those of the last epoch.
    pub fn go_on(&mut self) {
        if self.progress.phase == Phase::Finished && self.progress.epoch < self.config.epochs {
            self.progress.stopping.resume();
            self.start_epoch(self.progress.epoch + 1);
        }
    }

    /// Trains, or evaluates, for about this long; a budget of zero is one step, or one batch.
    ///
    /// # Errors
    /// [`ErrorCode::Device`] when the device is lost or fails.
    pub async fn advance(&mut self, budget: Duration) -> Result<Vec<Event>> {
        let started = Instant::now();
        let phase = self.progress.phase;
        let events = match phase {
            Phase::Training => self.train(budget).await?,
            Phase::Validating => self.evaluate(Part::Validation, budget).await?,
            Phase::Testing => self.evaluate(Part::Test, budget).await?,
            Phase::Scoring => self.score(Part::Validation).await?,
            Phase::TestScoring => self.score(Part::Test).await?,
            Phase::Finished => Vec::new(),
        };
        if matches!(phase, Phase::Validating | Phase::Scoring) {
            self.evaluation_seconds += started.elapsed().as_secs_f64();
        }
        self.progress.history.extend(events.iter().cloned());
        thin_out(&mut self.progress.history);
        if self.progress.phase == Phase::Training && self.progress.batch == 0 {
            self.seconds_per_evaluation = std::mem::take(&mut self.evaluation_seconds);
            self.sound = (
                self.network.clone(),
                self.optimizer.clone(),
                self.progress.clone(),
            );
        }
        Ok(events)
    }

    /// Answers a user with the weights as they are.
    ///
    /// # Errors
    /// [`ErrorCode::State`] for a request to another task, [`ErrorCode::Device`] when the device fails.
    pub async fn answer(
        &self,
        request: &Request,
        on_partial: &mut dyn FnMut(Answer),
    ) -> Result<Answer> {
        let (network, device) = (self.network.valid(), self.device.clone().inner());
        answer(&*self.task, &network, request, on_partial, &device).await
    }

    async fn train(&mut self, budget: Duration) -> Result<Vec<Event>> {
        let started = Instant::now();
        let first = self.progress.batch;
        let end = (first + self.affordable(budget)).min(self.order.len());
        let mut sums = DeviceSums::default();
        let mut learning_rate = self.config.learning_rate;
        let mut sample_due = false;
        while self.progress.batch < end {
            learning_rate = rate(&self.config, self.order.len() as u32, self.progress.step);
            self.step(self.progress.batch, learning_rate, &mut sums);
            self.progress.batch += 1;
            let every = self.config.sample_every;
            sample_due = every > 0 && self.progress.step.is_multiple_of(every);
            // On the CPU a step is done by now; on a GPU it is only on its way.
            if sample_due || started.elapsed() >= budget {
                break;
            }
        }
        let batches = sums.read().await?;
        let mut sums = Sums::default();
        sums.add(&batches);
        let seconds = started.elapsed().as_secs_f64();
        let is_over = self.progress.batch == self.order.len();
        // A step can ruin the weights after its own loss was still a number.
        if !sums.nats.is_finite() || (is_over && !self.weights_are_finite().await?) {
            return Ok(self.take_back());
        }
        self.progress.train.add(&batches);
        self.slice = self.progress.batch - first;
        self.seconds_per_step = seconds / self.slice.max(1) as f64;
        let event = self.progress_event(
            sums.scores(),
            learning_rate,
            sums.tokens / seconds.max(1e-9),
        );
        let mut events = vec![event];
        if is_over {
            self.start_phase(Phase::Validating);
        } else if sample_due {
            events.extend(self.sample_now().await?);
        }
        Ok(events)
    }

    /// The number of steps that fit into the budget, at least one. It grows slowly: batches are
    /// of different lengths, and the first step of a run tells how long a step takes.
    fn affordable(&self, budget: Duration) -> usize {
        let steps = budget.as_secs_f64() / self.seconds_per_step.max(1e-6);
        (steps as usize).clamp(1, (2 * self.slice).max(1))
    }

    async fn weights_are_finite(&self) -> Result<bool> {
        let sums = named_parameters(&self.network)
            .into_iter()
            .map(|weight| weight.values.abs().sum());
        match sums.reduce(|total, sum| total + sum) {
            None => Ok(true),
            Some(total) => Ok(device::read(total)
                .await?
                .iter()
                .all(|total| total.is_finite())),
        }
    }

    /// One training step: forward, backward, update. Nothing is read back.
    fn step(&mut self, batch: usize, learning_rate: f64, sums: &mut DeviceSums) {
        let batch = self
            .task
            .batch(Part::Train, &self.order[batch], &self.device);
        let tokens = self.task.tokens(&batch);
        let dropout = Dropout::new(&self.config, self.progress.step);
        let loss = self
            .task
            .loss(&self.network, &batch, &mut self.carried, &dropout);
        sums.add(loss.nats.clone().inner(), loss.correct, tokens);
        let tape = (loss.nats / tokens.max(1) as f64).backward();
        let gradients = Gradients::of(&self.network, tape);
        // The optimizer writes over weights that nobody else holds, so none may stay here meanwhile.
        let network = std::mem::replace(&mut self.network, self.sound.0.clone());
        self.network = self
            .optimizer
            .step(network, gradients, learning_rate, &self.config);
        self.progress.step += 1;
    }

    /// The loss on a held-out part, batch by batch.
    async fn evaluate(&mut self, part: Part, budget: Duration) -> Result<Vec<Event>> {
        let started = Instant::now();
        let network = self.network.valid();
        let device = self.device.clone().inner();
        let parts = self.task.held_out(&self.config, part);
        let mut sums = DeviceSums::default();
        let end = self.progress.batch + self.affordable(budget);
        while let Some(examples) = parts[..end.min(parts.len())].get(self.progress.batch) {
            let batch = self.task.batch(part, examples, &device);
            let loss = self
                .task
                .loss(&network, &batch, &mut self.carried, &Dropout::OFF);
            sums.add(loss.nats, loss.correct, self.task.tokens(&batch));
            self.progress.batch += 1;
            if started.elapsed() >= budget {
                break;
            }
        }
        let batches = sums.read().await?;
        if batches.iter().any(|batch| !batch.nats.is_finite()) {
            return Ok(self.take_back());
        }
        self.progress.held_out.add(&batches);
        let scores = self.progress.held_out.scores();
        let event = self.progress_event(scores, self.learning_rate(), 0.0);
        if self.progress.batch >= parts.len() {
            self.held_out_scores = (!parts.is_empty()).then_some(scores);
            self.start_phase(if part == Part::Validation {
                Phase::Scoring
            } else {
                Phase::TestScoring
            });
        }
        Ok(vec![event])
    }

    /// Answers to the questions of a held-out part, some at a time.
    async fn score(&mut self, part: Part) -> Result<Vec<Event>> {
        let all = self.task.questions(part);
        let end = (self.replies.len() + REPLIES_AT_ONCE).min(all);
        let questions = self.replies.len()..end;
        if !questions.is_empty() {
            let network = self.network.valid();
            let device = self.device.clone().inner();
            let replies = self
                .task
                .reply(&network, part, questions, &self.config, &device)
                .await?;
            self.replies.extend(replies);
        }
        self.progress.batch = end;
        let event = self.progress_event(
            self.held_out_scores.unwrap_or_default(),
            self.learning_rate(),
            0.0,
        );
        if end < all {
            return Ok(vec![event]);
        }
        Ok(if part == Part::Validation {
            self.end_epoch()
        } else {
            vec![self.finish_tested()]
        })
    }

    /// The first answers to validation questions, in words.
    fn samples(&self, replies: &[T::Reply]) -> Vec<Sample> {
        let shown = replies.iter().take(SAMPLES).enumerate();
        shown
            .map(|(question, reply)| self.task.sample(Part::Validation, question, reply))
            .collect()
    }

    /// What the network can do in the middle of an epoch; nothing where there is nothing to ask.
    async fn sample_now(&self) -> Result<Option<Event>> {
        let questions = 0..self.task.questions(Part::Validation).min(SAMPLES);
        if questions.is_empty() {
            return Ok(None);
        }
        let device = self.device.clone().inner();
        let network = self.network.valid();
        let replies = self
            .task
            .reply(&network, Part::Validation, questions, &self.config, &device);
        Ok(Some(Event::Samples {
            epoch: self.progress.epoch,
            step: self.progress.step,
            samples: self.samples(&replies.await?),
        }))
    }

    fn end_epoch(&mut self) -> Vec<Event> {
        let replies = std::mem::take(&mut self.replies);
        let epoch = self.progress.epoch;
        let validation = self.held_out_scores.take();
        let verdict = match validation {
            Some(scores) => self.progress.stopping.observe(scores.loss, epoch),
            None => Verdict::Waiting,
        };
        if verdict == Verdict::Best {
            self.best = Some(self.network.valid());
        }
        let samples = self.samples(&replies);
        let event = Event::Epoch {
            epoch,
            step: self.progress.step,
            train: self.progress.train.scores(),
            validation,
            score: self.task.score(Part::Validation, &replies),
            best: verdict == Verdict::Best,
            samples,
        };
        if verdict == Verdict::Stop || epoch >= self.config.epochs {
            self.restore_best();
            self.start_phase(Phase::Testing);
        } else {
            self.start_epoch(epoch + 1);
        }
        vec![event]
    }

    /// Early stopping takes the best weights back; without patience the last ones stay.
    fn restore_best(&mut self) {
        if self.config.patience > 0
            && let Some(best) = &self.best
        {
            self.network = best.clone().train();
        }
    }

    fn finish_tested(&mut self) -> Event {
        let replies = std::mem::take(&mut self.replies);
        let test = self.held_out_scores.take().map(|scores| TestScores {
            scores,
            score: self.task.score(Part::Test, &replies),
        });
        let epoch = self.progress.epoch;
        let best = self
            .progress
            .stopping
            .best()
            .filter(|_| self.config.patience > 0);
        let weights_of_epoch = best.map_or(epoch, |best| best.epoch);
        let (reason, message) = if self.progress.stopping.is_used_up() {
            let message = format!(
                "Stopped after epoch {epoch}: the validation loss had not become better for {} epochs. \
                 The weights of epoch {weights_of_epoch} are back.",
                self.config.patience
            );
            (Finish::EarlyStopping, message)
        } else if weights_of_epoch < epoch {
            (
                Finish::Epochs,
                format!(
                    "All {epoch} epochs are done. The weights of epoch {weights_of_epoch} were the best and are back."
                ),
            )
        } else {
            (Finish::Epochs, format!("All {epoch} epochs are done."))
        };
        self.start_phase(Phase::Finished);
        Event::Finished {
            reason,
            message,
            weights_of_epoch,
            test,
        }
    }

    /// The loss is no number any more: back to the last sound weights.
    fn take_back(&mut self) -> Vec<Event> {
        let (network, optimizer, progress) = self.sound.clone();
        let history = std::mem::take(&mut self.progress.history);
        let step = self.progress.step;
        self.network = network;
        self.optimizer = optimizer;
        let sound_step = progress.step;
        // The epoch is done again when the run goes on.
        let epoch = progress.epoch - 1;
        self.progress = Progress {
            phase: Phase::Finished,
            epoch,
            batch: 0,
            history,
            ..progress
        };
        self.replies.clear();
        self.carried.clear();
        self.held_out_scores = None;
        self.evaluation_seconds = 0.0;
        let clip = if self.config.clip_norm > 0.0 {
            ""
        } else {
            " and clip the gradients, at 1 for example"
        };
        let message = format!(
            "The loss became infinite by step {step}, and the weights of step {sound_step} are back. \
             Lower the learning rate (it is {}){clip}, then train again.",
            self.config.learning_rate
        );
        vec![Event::Finished {
            reason: Finish::Diverged,
            message,
            weights_of_epoch: epoch,
            test: None,
        }]
    }

    fn start_epoch(&mut self, epoch: u32) {
        self.progress.epoch = epoch;
        self.progress.train = Sums::default();
        self.order = epoch_order(&*self.task, &self.config, epoch);
        self.start_phase(Phase::Training);
    }

    fn start_phase(&mut self, phase: Phase) {
        self.progress.phase = phase;
        self.carried.clear();
        self.progress.batch = 0;
        self.progress.held_out = Sums::default();
    }

    fn learning_rate(&self) -> f64 {
        rate(&self.config, self.order.len() as u32, self.progress.step)
    }

    fn progress_event(&self, scores: Scores, learning_rate: f64, tokens_per_second: f64) -> Event {
        let epochs_left = f64::from(self.config.epochs.saturating_sub(self.progress.epoch));
        let per_epoch = self.order.len() as f64;
        let done = if self.progress.phase == Phase::Training {
            self.progress.batch as f64
        } else {
            per_epoch
        };
        let steps_left = epochs_left * per_epoch + per_epoch - done;
        Event::Progress {
            phase: self.progress.phase,
            epoch: self.progress.epoch,
            epochs: self.config.epochs,
            step: self.progress.step,
            steps_per_epoch: self.order.len() as u32,
            loss: scores.loss,
            accuracy: scores.accuracy,
            learning_rate,
            tokens_per_second,
            seconds_left: steps_left * self.seconds_per_step
                + (epochs_left + 1.0) * self.seconds_per_evaluation,
        }
    }
}

/// Loaded vectors must be as long as those of the network that starts from them.
pub(super) fn check_size(vectors: &WordVectors, size: usize) -> Result<()> {
    if vectors.size() == size {
        return Ok(());
    }
    let message = format!(
        "The word vectors of {} have {} numbers, and those of this network {size}. Set the embedding size to {}, \
         or do not start from them.",
        vectors.name,
        vectors.size(),
        vectors.size()
    );
    Err(Error::new(ErrorCode::Setting, message).on_field("embedding"))
}

fn epoch_order<T: Task>(task: &T, config: &Config, epoch: u32) -> Vec<Vec<usize>> {
    let mut rng = Rng::at(config.seed, Stream::Shuffle, epoch.into());
    task.epoch(config, epoch, &mut rng)
}

/// Keeps a history short: a curve past so many points is thinned out to half of them, and samples are kept for
/// the last epochs only.
fn thin_out(history: &mut Vec<Event>) {
    let training = |event: &Event| {
        matches!(
            event,
            Event::Progress {
                phase: Phase::Training,
                ..
            }
        )
    };
    history.retain(|event| training(event) || !matches!(event, Event::Progress { .. }));
    if history.iter().filter(|event| training(event)).count() > CURVE_POINTS {
        thin_curve(history, CURVE_POINTS / 2);
    }
    let epochs = history.iter_mut().rev().filter_map(|event| match event {
        Event::Epoch { samples, .. } | Event::Samples { samples, .. } => Some(samples),
        _ => None,
    });
    epochs.skip(EPOCHS_WITH_SAMPLES).for_each(Vec::clear);
}
