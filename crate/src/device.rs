//! Where tensors live and are computed: the CPU, or the GPU through WebGPU.

use crate::error::{Error, ErrorCode, Result};
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// A kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// SIMD code on one thread.
    Cpu,
    /// The GPU, or software that stands in for one.
    Webgpu,
}

/// What a device is, in words.
#[derive(Clone, Debug, Serialize, Deserialize, Tsify)]
pub struct DeviceReport {
    pub kind: DeviceKind,
    pub name: String,
    /// On WebGPU: the largest difference from the CPU that the self-test saw, relative to the
    /// largest value of the same tensor.
    #[tsify(optional)]
    pub self_test: Option<f32>,
}

/// The CPU.
pub fn cpu() -> (Device, DeviceReport) {
    let report = DeviceReport {
        kind: DeviceKind::Cpu,
        name: "CPU".into(),
        self_test: None,
    };
    (Device::flex(), report)
}

/// Reads a tensor back to the host, in row-major order.
///
/// # Errors
/// [`ErrorCode::Device`] when the device was lost or a shader failed.
pub async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    let data = tensor.into_data_async().await.map_err(failed)?;
    Ok(data.iter::<f32>().collect())
}

/// Reads a tensor of ids back to the host, in row-major order.
///
/// # Errors
/// [`ErrorCode::Device`] when the device was lost or a shader failed.
pub async fn read_ids<const D: usize>(tensor: Tensor<D, Int>) -> Result<Vec<u32>> {
    let data = tensor.into_data_async().await.map_err(failed)?;
    Ok(data.iter::<u32>().collect())
}

fn failed(cause: impl std::fmt::Debug) -> Error {
    let message = format!(
        "The device failed or was lost. Training can go on from the last checkpoint. ({cause:?})"
    );
    Error::new(ErrorCode::Device, message)
}

/// The largest difference between two lists of tensors, relative to the largest value of the same
/// tensor in `expected`; not a number where they do not match or hold one that is none.
pub fn worst_difference(found: &[Vec<f32>], expected: &[Vec<f32>]) -> f32 {
    if !found.iter().map(Vec::len).eq(expected.iter().map(Vec::len)) {
        return f32::NAN;
    }
    let mut worst = 0f32;
    for (found, expected) in found.iter().zip(expected) {
        let scale = expected
            .iter()
            .fold(1e-6f32, |max, value| max.max(value.abs()));
        for (found, expected) in found.iter().zip(expected) {
            let difference = (found - expected).abs() / scale;
            if difference.is_nan() {
                return f32::NAN;
            }
            worst = worst.max(difference);
        }
    }
    worst
}

#[cfg(feature = "webgpu")]
pub use webgpu::{open_webgpu, webgpu};

#[cfg(feature = "webgpu")]
mod webgpu {
    use super::*;
    use crate::config::{AttentionKind, CellKind, Config, Initialisation};
    use crate::models::Seq2SeqConfig;
    use crate::nn::{Dropout, Init, masked_cross_entropy};
    use crate::rng::{Rng, Stream};
    use crate::train::Gradients;
    use burn_wgpu::WgpuSetup;
    use burn_wgpu::wgpu::AdapterInfo;

    /// The largest relative difference from the CPU that counts as rounding.
    const TOLERANCE: f32 = 1e-3;

    /// Opens the GPU, untested. `on_lost` is called with the reason when the browser takes it away,
    /// after which reading a tensor may fail, or never come to an end.
    ///
    /// # Errors
    /// [`ErrorCode::Device`] where there is no adapter.
    pub async fn open_webgpu(on_lost: fn(String)) -> Result<(Device, WgpuSetup)> {
        let opened = Device::wgpu_options().init_with_setup_async().await;
        let (device, setup) = opened.map_err(|cause| {
            Error::new(
                ErrorCode::Device,
                format!("This browser gives no WebGPU device. ({cause})"),
            )
        })?;
        // In a browser this adds to Burn's own callback and does not replace it.
        setup
            .device
            .set_device_lost_callback(move |_, reason| on_lost(reason));
        Ok((device, setup))
    }

    /// Opens the GPU and tests it: a small network, forward and backward, must give what the CPU gives.
    ///
    /// # Errors
    /// [`ErrorCode::Device`] where there is no adapter, or where the test fails.
    pub async fn webgpu(on_lost: fn(String)) -> Result<(Device, DeviceReport)> {
        let (device, setup) = open_webgpu(on_lost).await?;
        let difference = self_test(&device).await?;
        if difference.is_nan() || difference > TOLERANCE {
            let message = format!(
                "The GPU computes something else than the CPU: a small network differs by {difference:.1e}."
            );
            return Err(Error::new(ErrorCode::Device, message));
        }
        let name = adapter_name(&setup.adapter.get_info());
        Ok((
            device,
            DeviceReport {
                kind: DeviceKind::Webgpu,
                name,
                self_test: Some(difference),
            },
        ))
    }

    fn adapter_name(info: &AdapterInfo) -> String {
        let parts = [info.name.as_str(), info.driver.as_str()];
        let name = parts
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(", ");
        if name.is_empty() { "GPU".into() } else { name }
    }

    /// The largest difference between this device and the CPU, relative to the largest value of
    /// the same tensor, over the loss and all gradients of a small network.
    async fn self_test(device: &Device) -> Result<f32> {
        let here = loss_and_gradients(device).await?;
        let there = loss_and_gradients(&Device::flex()).await?;
        Ok(worst_difference(&here, &there))
    }

    async fn loss_and_gradients(device: &Device) -> Result<Vec<Vec<f32>>> {
        let device = device.clone().autodiff();
        let config = Config {
            cell: CellKind::Lstm,
            attention: AttentionKind::General,
            // Units in fours, as in all the networks that the page proposes; numbers of a vector one by one.
            hidden: 8,
            embedding: 3,
            ..Config::default()
        };
        let mut rng = Rng::new(1, Stream::Initialisation);
        let mut init = Init {
            style: Initialisation::PyTorch,
            rng: &mut rng,
            device: &device,
        };
        let network = Seq2SeqConfig::new(&config, 7, 6).init(&mut init);
        let ids = |ids: [i32; 6]| {
            Tensor::<1, Int>::from_data(TensorData::new(ids.to_vec(), [6]), &device)
        };
        // Time first, two sentences, the second one shorter.
        let encoded = network.encode(ids([4, 5, 6, 4, 5, 0]), &[3, 2], &Dropout::OFF);
        let (rows, _, _) = network.decode(
            ids([2, 2, 4, 5, 5, 0]),
            &[3, 2],
            encoded.into(),
            &Dropout::OFF,
        );
        let mask = Tensor::from_data(
            TensorData::new(vec![1f32, 1., 1., 1., 1., 0.], [6]),
            &device,
        );
        let sums = masked_cross_entropy(&network.output, rows, ids([4, 5, 5, 3, 3, 0]), mask);
        let gradients = Gradients::of(&network, sums.nats.backward());
        let mut tensors = vec![read(sums.nats.inner()).await?];
        for gradient in gradients.iter() {
            tensors.push(read(gradient.clone()).await?);
        }
        Ok(tensors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_no_number_fails_the_self_test_wherever_it_stands() {
        let expected = [vec![1.0, 2.0], vec![4.0]];
        assert_eq!(
            worst_difference(&[vec![1.0, 2.0], vec![3.0]], &expected),
            0.25
        );
        assert!(worst_difference(&[vec![f32::NAN, 2.0], vec![4.0]], &expected).is_nan());
        assert!(worst_difference(&[vec![1.0], vec![4.0]], &expected).is_nan());
        assert!(worst_difference(&[vec![1.0, 2.0]], &expected).is_nan());
    }
}
