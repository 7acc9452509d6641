# SPDX-License-Identifier: MIT OR Apache-2.0
# Some forty thousand readings of a whole log.
set_tests_properties(capability_audit_tamper_test PROPERTIES TIMEOUT 600)
