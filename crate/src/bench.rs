//! Training steps on fixed synthetic batches, to be measured beside other libraries.

use crate::batch::pad;
use crate::config::{Activation, AttentionKind, CellKind, Config, Initialisation, OptimizerKind};
use crate::device;
use crate::error::{Error, ErrorCode, Result};
use crate::models::{Classifier, ClassifierConfig, Seq2Seq, Seq2SeqConfig};
use crate::nn::{Dropout, Init, Input, LossSums, StackConfig, masked_cross_entropy};
use crate::rng::{Rng, Stream};
use crate::train::{Gradients, Optimizer};
use burn::module::Module;
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// What a workload is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum WorkloadModel {
    /// A number a time step in, classes out.
    Classifier,
    /// A one-hot token a time step in, tokens out.
    LanguageModel,
    /// Encoder–decoder without attention.
    Seq2seq,
}

/// A network and one batch of data for it.
#[derive(Clone, Debug, Serialize, Deserialize, Tsify)]
pub struct Workload {
    pub model: WorkloadModel,
    pub cell: CellKind,
    pub hidden: u32,
    pub layers: u32,
    /// Sequences in the batch.
    pub batch: u32,
    /// Source tokens; 0 for numbers.
    pub vocabulary: u32,
    /// Target tokens of a seq2seq.
    pub target_vocabulary: u32,
    /// Numbers of a token's vector; 0 for one-hot.
    pub embedding: u32,
    pub classes: u32,
    /// Whether only the last time step counts.
    pub loss_at_last: bool,
    pub optimizer: OptimizerKind,
    pub learning_rate: f64,
    /// `[batch, time]`: what goes in.
    pub x: Vec<u32>,
    /// `[batch, target time]`: what the decoder reads.
    pub decoder_x: Vec<u32>,
    /// `[batch, time]`, or `[batch]` where only the last step counts: the right classes.
    pub y: Vec<u32>,
}

enum Network {
    Classifier(Classifier),
    Seq2Seq(Box<Seq2Seq>),
}

fn no_network() -> Error {
    Error::new(
        ErrorCode::State,
        "The step before this one failed; load the workload again.",
    )
}

/// A workload on a device.
pub struct Bench {
    workload: Workload,
    config: Config,
    device: Device,
    /// Away only while a step is taken: the optimizer writes over weights that nobody else holds.
    network: Option<Network>,
    optimizer: Optimizer,
}

impl Bench {
    /// Draws the network's weights.
    pub fn new(workload: Workload, device: &Device) -> Self {
        let device = device.clone().autodiff();
        let config = Config {
            cell: workload.cell,
            hidden: workload.hidden,
            layers: workload.layers,
            activation: Activation::Relu,
            attention: AttentionKind::None,
            optimizer: workload.optimizer,
            clip_norm: 0.0,
            ..Config::default()
        };
        let mut rng = Rng::new(config.seed, Stream::Initialisation);
        let mut init = Init {
            style: Initialisation::Keras,
            rng: &mut rng,
            device: &device,
        };
        let width = |tokens: u32| if workload.embedding > 0 { workload.embedding } else { tokens } as usize;
        let network = match workload.model {
            WorkloadModel::Classifier | WorkloadModel::LanguageModel => {
                let stack = StackConfig::new(&config, workload.vocabulary.max(1) as usize);
                let shape = ClassifierConfig {
                    stack,
                    classes: workload.classes as usize,
                };
                Network::Classifier(shape.init(&mut init))
            }
            WorkloadModel::Seq2seq => {
                let shape = Seq2SeqConfig {
                    source: workload.vocabulary as usize,
                    target: workload.target_vocabulary as usize,
                    classes: workload.classes as usize,
                    embedding: (workload.embedding > 0).then_some(workload.embedding as usize),
                    shared: false,
                    encoder: StackConfig::new(&config, width(workload.vocabulary)),
                    decoder: StackConfig::new(&config, width(workload.target_vocabulary)),
                    attention: AttentionKind::None,
                };
                Network::Seq2Seq(Box::new(shape.init(&mut init)))
            }
        };
        let optimizer = Optimizer::new(workload.optimizer);
        Self {
            workload,
            config,
            device,
            network: Some(network),
            optimizer,
        }
    }

    /// One training step; returns the mean loss before it.
    ///
    /// # Errors
    /// [`ErrorCode::Device`](crate::error::ErrorCode::Device) when the device fails.
    pub async fn step(&mut self) -> Result<f32> {
        let network = self.network.take();
        let (network, loss) = match network.ok_or_else(no_network)? {
            Network::Classifier(network) => {
                let (network, loss) = self.update(network, Self::classifier_loss);
                (Network::Classifier(network), loss)
            }
            Network::Seq2Seq(network) => {
                let (network, loss) = self.update(*network, Self::seq2seq_loss);
                (Network::Seq2Seq(Box::new(network)), loss)
            }
        };
        self.network = Some(network);
        Ok(device::read(loss).await?[0])
    }

    /// Generates so many tokens, one after the other, each the likeliest after the one before.
    ///
    /// # Errors
    /// [`ErrorCode::State`](crate::error::ErrorCode::State) for a network that is no language model,
    /// [`ErrorCode::Device`](crate::error::ErrorCode::Device) when the device fails.
    pub async fn generate(&self, count: u32) -> Result<Vec<u32>> {
        let (Some(Network::Classifier(network)), WorkloadModel::LanguageModel) =
            (&self.network, self.workload.model)
        else {
            let message = "Only a language model can generate.";
            return Err(Error::new(ErrorCode::State, message));
        };
        let network = network.valid();
        let device = self.device.clone().inner();
        let (mut token, mut states, mut tokens) = (0, Vec::new(), Vec::new());
        for _ in 0..count {
            let ids = Tensor::from_data(TensorData::new(vec![token as i32], [1]), &device);
            let (logits, next) = network.step(ids, states);
            states = next;
            let logits = device::read(logits).await?;
            let likeliest = (0..).zip(logits).max_by(|a, b| a.1.total_cmp(&b.1));
            token = likeliest.map_or(0, |(token, _)| token);
            tokens.push(token);
        }
        Ok(tokens)
    }

    fn update<M: Module>(
        &mut self,
        network: M,
        loss: impl Fn(&Self, &M) -> LossSums,
    ) -> (M, Tensor<1>) {
        let sums = loss(self, &network);
        let mean = sums.nats / self.workload.y.len() as f64;
        let gradients = Gradients::of(&network, mean.backward());
        let network = self.optimizer.step(
            network,
            gradients,
            self.workload.learning_rate,
            &self.config,
        );
        (network, mean.inner())
    }

    fn ids(&self, ids: &[u32]) -> (Tensor<1, Int>, usize) {
        let rows: Vec<&[u32]> = ids
            .chunks(ids.len() / self.workload.batch as usize)
            .collect();
        let padded = pad(&rows, 0);
        let count = padded.ids.len();
        (
            Tensor::from_data(TensorData::new(padded.ids, [count]), &self.device),
            padded.time,
        )
    }

    fn classifier_loss(&self, network: &Classifier) -> LossSums {
        let batch = self.workload.batch as usize;
        let (ids, time) = self.ids(&self.workload.x);
        let input = match self.workload.model {
            WorkloadModel::Classifier => Input::Vectors(ids.float().reshape([time, batch, 1])),
            _ => Input::OneHot(ids),
        };
        let states =
            network.hidden_states(input, &vec![time; batch], time, &Dropout::OFF, &self.device);
        let from = if self.workload.loss_at_last {
            time - 1
        } else {
            0
        };
        let states = states.narrow(0, from, time - from);
        self.loss(
            &network.output,
            states.reshape([-1, self.config.hidden as i32]),
        )
    }

    fn seq2seq_loss(&self, network: &Seq2Seq) -> LossSums {
        let batch = self.workload.batch as usize;
        let (source, source_time) = self.ids(&self.workload.x);
        let (target, target_time) = self.ids(&self.workload.decoder_x);
        let encoded = network.encode(source, &vec![source_time; batch], &Dropout::OFF);
        let (rows, _, _) = network.decode(
            target,
            &vec![target_time; batch],
            encoded.into(),
            &Dropout::OFF,
        );
        self.loss(&network.output, rows)
    }

    fn loss(&self, output: &crate::nn::Linear, rows: Tensor<2>) -> LossSums {
        let (targets, _) = self.ids(&self.workload.y);
        let mask = Tensor::ones([rows.dims()[0]], &self.device);
        masked_cross_entropy(output, rows, targets, mask)
    }
}
