// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settingvalue.h"

#include <functional>
#include <optional>
#include <toml++/toml.h>

namespace ExporterProxy {

/// Takes what is wrong with a node, or a part of it.
using NodeFaultSink = std::function<void(const toml::node &, const QString &message)>;

/// Reads a TOML value as a setting of a type. Nothing if it is not one; then `sink` was told why, once for
/// each element of a list or table that is wrong.
std::optional<SettingValue> readSetting(const SettingType &type, const toml::node &node,
                                        const NodeFaultSink &sink);

/// `expected an integer, got a string`.
QString wrongTypeText(const QString &expected, const toml::node &node);

/// toml++ keeps texts as UTF-8 that it has validated.
QString fromToml(std::string_view text);

} // namespace ExporterProxy
