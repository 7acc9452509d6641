// SPDX-License-Identifier: MIT OR Apache-2.0
#include "airssys/status.h"

#define STATUS_NAME(name, number, sentence) \
    case AIRS_##name:                       \
        return #name;
#define STATUS_TEXT(name, number, sentence) \
    case AIRS_##name:                       \
        return sentence;

const char *airs_status_name(airs_status status)
{
    switch (status) {
        AIRS_STATUS_MAP(STATUS_NAME)
    }
    return "E_?";
}

const char *airs_status_text(airs_status status)
{
    switch (status) {
        AIRS_STATUS_MAP(STATUS_TEXT)
    }
    return "an unknown status";
}
