//! Train recurrent networks in a browser tab.
//!
//! - [`config`]: every hyperparameter, once
//! - [`corpus`], [`text`], [`batch`]: files to records, records to token ids, ids to batches
//! - [`kernels`], [`nn`], [`models`]: the recurrence, layers, networks
//! - [`tasks`]: what can be trained, one file each
//! - [`train`]: the trainer, optimizers, schedules, BLEU
//! - [`decode`]: from probabilities to sentences
//! - [`device`], [`rng`], [`error`]: where tensors live, what is random, what can go wrong
//! - [`checkpoint`]: a model as bytes; [`model`]: one that is used and not trained
//! - `js`: what JavaScript sees; `bench`: steps to be measured; `compare`: kernels against plain operations

pub mod batch;
#[cfg(feature = "train")]
pub mod bench;
pub mod checkpoint;
#[cfg(feature = "train")]
pub mod compare;
pub mod config;
pub mod corpus;
pub mod decode;
pub mod device;
pub mod error;
#[cfg(all(
    target_family = "wasm",
    any(feature = "webgpu", not(feature = "train"))
))]
mod js;
#[cfg_attr(
    not(feature = "train"),
    allow(dead_code, reason = "the way back is for training only")
)]
pub mod kernels;
pub mod model;
pub mod models;
pub mod nn;
pub mod rng;
pub mod tasks;
pub mod text;
pub mod train;
