// SPDX-License-Identifier: MIT OR Apache-2.0
//! The contracts a component exports: found and type-checked once when it is loaded, so that an
//! instance finds its functions by index and need not check again.

use crate::guard::Failure;
use crate::offers::{same_track, split};
use crate::state::State;
use airssys_engine_types::abi;
use airssys_engine_types::contract::{Down, Health, LentMessage, Reply, Setting, StartInfo, StopReason};
use airssys_engine_types::kept::Kept;
use semver::Version;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{
    Component, ComponentExportIndex, ComponentNamedList, Func, Instance, InstancePre, Lift, Lower, TypedFunc,
};
use wasmtime::{AsContextMut, Result};

type Done = (Result<(), String>,);
type Handled = (Result<Option<Kept>, String>,);
type Saved = (Result<Kept, String>,);
/// A state and the version it is of.
type Carried = (&'static str, &'static [u8]);

const CONTRACT_VERSION: &str = "0.1.0";
const CLI_VERSION: &str = "0.2.0";

/// Each function: where it is exported, which bit says so, what it takes and gives.
macro_rules! contracts {
    ($($field:ident: $bit:ident $interface:literal $name:literal, $params:ty => $results:ty;)*) => {
        /// Where the functions are in the component; `None` for those it does not export.
        #[derive(Default)]
        pub(crate) struct Exports {
            pub bits: u32,
            $($field: Option<ComponentExportIndex>,)*
        }

        impl Exports {
            fn add(&mut self, name: &str, found: &Found) -> Result<(), Failure> {
                $(if name == $interface {
                    self.$field = Some(found.function::<$params, $results>($name)?);
                    self.bits |= abi::$bit;
                })*
                Ok(())
            }
        }

        /// The functions of one instance.
        pub(crate) struct Functions {
            $(pub $field: Option<TypedFunc<$params, $results>>,)*
        }

        impl Functions {
            /// `exports` are those of the component that `instance` was made of.
            pub fn of(exports: &Exports, instance: &Instance, mut store: impl AsContextMut) -> Self {
                let mut get = |index: &Option<ComponentExportIndex>| -> Option<Func> {
                    instance.get_func(&mut store, index.as_ref()?)
                };
                // SAFETY: `Found::function` has checked each type against the component's.
                Functions { $($field: get(&exports.$field).map(|f| unsafe { TypedFunc::new_unchecked(f) }),)* }
            }
        }
    };
}

contracts! {
    start: EXPORT_CHILD "airssys:actor/child" "start", (StartInfo,) => Done;
    stop: EXPORT_CHILD "airssys:actor/child" "stop", (StopReason,) => ();
    handle: EXPORT_ACTOR "airssys:actor/actor" "handle", (LentMessage,) => Handled;
    run: EXPORT_BATCH "airssys:actor/batch" "run", () => ();
    handle_reply: EXPORT_REPLIES "airssys:actor/replies" "handle-reply", (Reply,) => Done;
    handle_down: EXPORT_SIGNALS "airssys:actor/signals" "handle-down", (Down,) => Done;
    check: EXPORT_HEALTH "airssys:actor/health" "check", () => (Health,);
    save: EXPORT_STATE "airssys:actor/state" "save", () => Saved;
    load: EXPORT_STATE "airssys:actor/state" "load", Carried => Done;
    apply: EXPORT_RECONFIGURE "airssys:actor/reconfigure" "apply", (Vec<Setting>,) => Done;
    main: EXPORT_MAIN "wasi:cli/run" "run", () => (Result<(), ()>,);
}

impl Exports {
    /// Fails with UNSUPPORTED when a contract is exported with another signature, or none at all.
    pub fn find(component: &Component, pre: &InstancePre<State>) -> Result<Self, Failure> {
        let mut exports = Exports::default();
        for (interface, _) in component.component_type().exports(component.engine()) {
            let (name, version) = split(interface);
            let known = if name == "wasi:cli/run" { CLI_VERSION } else { CONTRACT_VERSION };
            if same_track(&version, &Version::parse(known).ok()) {
                exports.add(name, &Found { component, pre, interface })?;
            }
        }
        if exports.bits == 0 {
            let text = format!(
                "exports no contract known here: none of child, actor, batch, replies, signals, health, state \
                 or reconfigure of airssys:actor@{CONTRACT_VERSION}, nor wasi:cli/run@{CLI_VERSION}"
            );
            return Err(Failure::new(abi::UNSUPPORTED, text));
        }
        Ok(exports)
    }
}

/// An exported interface of a component.
struct Found<'a> {
    component: &'a Component,
    pre: &'a InstancePre<State>,
    interface: &'a str,
}

impl Found<'_> {
    fn function<P, R>(&self, name: &str) -> Result<ComponentExportIndex, Failure>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let refuse = |what: String| {
            Failure::new(abi::UNSUPPORTED, format!("exports {} with a `{name}` {what}", self.interface))
        };
        let interface = self.component.get_export_index(None, self.interface);
        let found = interface.and_then(|interface| self.component.get_export(Some(&interface), name));
        let Some((ComponentItem::ComponentFunc(function), index)) = found else {
            return Err(refuse("that is no function, or not there".into()));
        };
        if function.async_() {
            return Err(refuse("that is async; the contract's is not".into()));
        }
        function
            .typecheck::<P, R>(&self.pre.instance_type())
            .map_err(|error| refuse(format!("of another type than the contract's: {error:#}")))?;
        Ok(index)
    }
}
