// SPDX-License-Identifier: MIT OR Apache-2.0
//! Outgoing HTTP, refused.

use std::future::ready;
use wasmtime_wasi_http::{Error, RequestOptions, Result, WasiBody, WasiHttpHooks};

const BODY_CHUNK_MAX: usize = 16 << 10;

pub(crate) struct Refuse;

type Sent<T> = Box<dyn Future<Output = Result<T>> + Send>;

impl WasiHttpHooks for Refuse {
    fn send_request(
        &mut self,
        _: http::Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Sent<()>,
    ) -> Sent<(http::Response<WasiBody>, Sent<()>)> {
        Box::new(ready(Err(Error::HttpRequestDenied)))
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_CHUNK_MAX
    }
}
