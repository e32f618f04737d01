//! What JavaScript sees of the crate, and how values cross over: the only folder that knows it exists.
//!
//! - `session`: a device, data and a run, for the page
//! - `player`: one model to be asked, for the build without training

#[cfg(not(feature = "train"))]
mod player;
#[cfg(feature = "webgpu")]
mod session;

use crate::error::{Error, ErrorCode};
use crate::tasks::Answer;
use js_sys::Function;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

type Result<T> = std::result::Result<T, JsValue>;

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        error
            .into_ts()
            .map_or_else(|cause| cause.to_string().into(), Into::into)
    }
}

#[wasm_bindgen]
extern "C" {
    /// The worker's hook for the end of this session: a panic, or a GPU that was lost. After either
    /// a pending call may never come to an end.
    #[wasm_bindgen(catch, js_namespace = globalThis, js_name = unrolledFailed)]
    fn unrolled_failed(reason: &str) -> std::result::Result<(), JsValue>;
}

/// Tells the worker that this session is of no more use.
fn report_failure(reason: &str) {
    // An error means that the page has set no hook.
    let _ = unrolled_failed(reason);
}

/// A value on its way to JavaScript.
fn js<T: Tsify + serde::Serialize>(value: T) -> Result<Ts<T>> {
    value.into_ts().map_err(|cause| internal(cause).into())
}

/// A value that came from JavaScript.
fn rust<T: Tsify + serde::de::DeserializeOwned>(value: Ts<T>) -> Result<T>
where
    T::JsType: Clone,
{
    value.to_rust().map_err(|cause| internal(cause).into())
}

fn internal(cause: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorCode::State,
        format!(
            "The page and the trainer do not understand each other; reload the page. ({cause})"
        ),
    )
}

/// A callback of the page for unfinished answers.
fn forward(on_partial: &Function) -> impl FnMut(Answer) {
    move |answer| {
        if let Ok(answer) = js(answer) {
            // An exception in the page's own callback is the page's affair.
            let _ = on_partial.call1(&JsValue::NULL, &answer.js_value());
        }
    }
}

unsafe extern "C" {
    /// The linker's: runs the constructors that dependencies register themselves with.
    safe fn __wasm_call_ctors();
}

/// Runs when the module is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    // Once, and by hand: where nothing calls it, the linker takes the module for a command and
    // runs all constructors again in every single call from JavaScript, which then takes milliseconds.
    __wasm_call_ctors();
    // Afterwards the module is dead, and JavaScript would only know that it was "unreachable".
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        report_failure(&format!(
            "The program failed in a way it should not: {panic}"
        ));
    }));
}
