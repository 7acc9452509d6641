# SPDX-License-Identifier: MIT OR Apache-2.0
# Takes the question for a grant out of the way of a send: src/component/host_messaging.c as it would be without grants.
s/= authority_check_target(self, CAPABILITY_MESSAGING_SEND, to, target);/= target == NULL ? AIRS_E_GONE : AIRS_OK;/
