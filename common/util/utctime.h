// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/words.h" // the former place of what stands there
