//! The crate's own WebGPU kernels, written in CubeCL.
//!
//! Burn's general operations ask the GPU for thousands of small dispatches a training step; these ask
//! for a few dozen. Each file holds a kernel and the function that launches it.
//!
//! WebGPU's default limits shape them: 256 invocations and 16 KiB of workgroup memory a workgroup, and
//! eight storage buffers a dispatch, one of which CubeCL takes for its own scalars and lengths.
//! Kernels that differ in a compile-time argument are different shader modules, and a module takes
//! a browser milliseconds to compile: what is no matter of speed is a run-time argument.

pub mod gru;
pub mod lstm;
pub mod product;
pub mod rnn;
pub mod rows;
mod scan;
pub mod softmax;
pub mod update;

use burn::tensor::Shape;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// Four neighbouring values: what one invocation loads at once.
type Quad = Vector<f32, Const<4>>;

/// WebGPU's default limit on the invocations of a workgroup.
const MOST_UNITS: usize = 256;

/// WebGPU's default limit on the workgroups of one dimension.
const MOST_WORKGROUPS: usize = 65_535;

/// Views into a buffer start at multiples of this many values: 256 bytes, WebGPU's alignment.
const ALIGNMENT: usize = 64;

/// A new contiguous tensor with nothing in it yet.
fn empty(like: &CubeTensor, shape: impl Into<Shape>) -> CubeTensor {
    let shape = shape.into();
    let handle = like.client.empty(shape.num_elements() * like.dtype.size());
    let (client, device) = (like.client.clone(), like.device.clone());
    CubeTensor::new_contiguous(client, device, shape, handle, like.dtype)
}

/// Part of a contiguous buffer, from value `start` on, as a tensor of this shape.
fn view(buffer: &CubeTensor, start: usize, shape: impl Into<Shape>) -> CubeTensor {
    let shape = shape.into();
    let size = buffer.dtype.size();
    let after = buffer.meta.num_elements() - start - shape.num_elements();
    let handle = buffer.handle.clone();
    let handle = handle.offset_start((start * size) as u64);
    let handle = handle.offset_end((after * size) as u64);
    let (client, device) = (buffer.client.clone(), buffer.device.clone());
    CubeTensor::new_contiguous(client, device, shape, handle, buffer.dtype)
}

/// The tensor itself where nothing else uses it, else a copy: something a kernel may write over.
fn writable(tensor: CubeTensor) -> CubeTensor {
    if tensor.can_mut() {
        tensor
    } else {
        tensor.copy()
    }
}

/// Enough workgroups of `units` invocations for `count` values, in two dimensions where one is too few.
fn workgroups(count: usize, units: usize) -> CubeCount {
    let total = count.div_ceil(units).max(1);
    let x = total.min(MOST_WORKGROUPS);
    CubeCount::Static(x as u32, total.div_ceil(x) as u32, 1)
}

/// Values to load together from rows of `n`.
fn vector(n: usize) -> usize {
    if n.is_multiple_of(4) { 4 } else { 1 }
}
