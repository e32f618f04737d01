//! Train recurrent networks in a browser tab.

pub mod batch;
#[cfg(feature = "train")]
pub mod bench;
#[cfg(feature = "train")]
pub mod checkpoint;
pub mod config;
pub mod corpus;
pub mod decode;
pub mod device;
pub mod error;
pub mod kernels;
pub mod models;
pub mod nn;
pub mod rng;
#[cfg(all(target_family = "wasm", feature = "webgpu"))]
mod session;
pub mod tasks;
pub mod text;
pub mod train;
