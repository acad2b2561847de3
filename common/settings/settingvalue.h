// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"
#include "common/util/result.h"

#include <QLatin1StringView>
#include <span>
#include <variant>

namespace ExporterProxy {

/// The kinds of settings, as users write them. In parentheses: the type in SettingValue.
enum class SettingKind {
    Boolean, ///< true or false (bool)
    Integer, ///< (qint64)
    Seconds, ///< an integer or a float (qint64, milliseconds)
    Size, ///< "64MiB", or a number of bytes (qint64, bytes)
    Choice, ///< one of a few words (qint64, the word's index)
    Mode, ///< permission bits as a string of octal digits (qint64)
    Text, ///< not empty, without control characters: a user, a file's path (QString)
    OptionalText, ///< a Text, or the empty string for none (QString)
    SocketPath, ///< a Text short enough for sockaddr_un (QString)
    LabelName, ///< the name of a label, or the empty string for none (QString)
    AppName, ///< the name of an application; see nameFault() (QString)
    Url, ///< http or https with a host (QString)
    Address, ///< an address to listen on (SocketAddress)
    UrlList, ///< (QList<PollEndpoint>, of which only the URLs are set)
    Headers, ///< a table of strings (HttpHeaders)
};

/// A kind and the range of its values.
struct SettingType
{
    SettingKind kind;
    qint64 minimum = 0; ///< for numbers only, in the unit of SettingValue
    qint64 maximum = 0;
    std::span<const QLatin1StringView> choices = {};
};

using SettingValue = std::variant<bool, qint64, QString, SocketAddress, QList<PollEndpoint>, HttpHeaders>;

/// A value, or why something is none: one sentence without the setting's name.
using SettingResult = Result<SettingValue>;

/// Describes the values of a type, to follow "expected": "an integer", `one of "json", "capnp"`.
QString expectedText(const SettingType &type);

/// The range of a number: "0 and 256", "0.001 and 86400 seconds". Empty if the type is not a number.
QString rangeText(const SettingType &type);

/// The value in TOML. Reading the text gives the same value again.
QString settingText(const SettingType &type, const SettingValue &value);

/// Reads a setting that is a string in TOML. Not for Boolean, Integer, Seconds, UrlList and Headers.
SettingResult settingFromText(const SettingType &type, const QString &text);

/// Checks a number in the unit of SettingValue; `shown` is how the message names it.
SettingResult settingFromNumber(const SettingType &type, qint64 number, const QString &shown);

/// Reads a number of seconds, rounded to milliseconds.
SettingResult settingFromSeconds(const SettingType &type, double seconds, const QString &shown);

/// Checks a request header.
Result<> checkHeader(const QString &name, const QString &value);

} // namespace ExporterProxy
