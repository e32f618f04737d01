//! The building blocks of every network here: cells, stacks of layers, embedding, attention, loss.
//!
//! Activations run time first: `[time, batch, hidden]`, so that one time step is contiguous.

mod attention;
mod dropout;
mod embedding;
mod gru;
mod init;
mod linear;
mod loss;
mod lstm;
mod parameters;
mod rnn;
mod stack;
mod summary;

pub use attention::{Attention, Memory};
pub use dropout::Dropout;
pub use embedding::Embedding;
pub use gru::Gru;
pub use init::Init;
pub use linear::Linear;
pub use loss::{LossSums, masked_cross_entropy};
pub use lstm::Lstm;
pub use parameters::{Find, NamedTensor, load_parameters, named_parameters};
#[cfg(feature = "train")]
pub(crate) use parameters::{Path, map_parameter};
pub use rnn::Rnn;
pub use stack::{Cell, Input, Layer, Stack, StackConfig, State};
pub use summary::LayerShape;
