// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"

#include <QLatin1StringView>
#include <span>
#include <variant>

namespace ExporterProxy {

/// What a setting is, as its user writes it. In parentheses how SettingValue holds it.
enum class SettingKind {
    Boolean, ///< true or false (bool)
    Integer, ///< (qint64)
    Seconds, ///< an integer or a float (qint64, milliseconds)
    Size, ///< "64MiB", or a number of bytes (qint64, bytes)
    Choice, ///< one of a few words (qint64, the word's index)
    Mode, ///< permission bits as a string of octal digits (qint64)
    Text, ///< not empty, without control characters: a user, a file's path (QString)
    OptionalText, ///< a Text, or empty for none (QString)
    SocketPath, ///< a Text short enough for sockaddr_un (QString)
    LabelName, ///< a name for a label of all samples, or nothing (QString)
    AppName, ///< what nameFault() passes (QString)
    Url, ///< http or https with a host (QString)
    Address, ///< to listen on (SocketAddress)
    UrlList, ///< (QList<PollEndpoint> with nothing but the URLs)
    Headers, ///< a table of strings (HttpHeaders)
};

/// A kind with the values that it allows.
struct SettingType
{
    SettingKind kind;
    qint64 minimum = 0; ///< of numbers, in the unit in which they are held
    qint64 maximum = 0;
    std::span<const QLatin1StringView> choices = {};
};

using SettingValue = std::variant<bool, qint64, QString, SocketAddress, QList<PollEndpoint>, HttpHeaders>;

/// Why something cannot be the value of a setting: one sentence without the setting's name.
struct SettingFault
{
    QString message;
};

using SettingResult = std::variant<SettingValue, SettingFault>;

/// What a setting of this type takes, to follow "expected": "an integer", `one of "json", "capnp"`.
QString expectedText(const SettingType &type);

/// The range of a number: "0 and 256", "0.001 and 86400 seconds". Empty for what is not a number.
QString rangeText(const SettingType &type);

/// The value as it is written in TOML. Reading it back gives the same value.
QString settingText(const SettingType &type, const SettingValue &value);

/// The value of a setting whose TOML value is a string; not for Boolean, Integer, Seconds, UrlList, Headers.
SettingResult settingFromText(const SettingType &type, const QString &text);

/// The value of a number in the unit in which it is held; `shown` is how the message names it.
SettingResult settingFromNumber(const SettingType &type, qint64 number, const QString &shown);

/// The value of a number of seconds, rounded to milliseconds.
SettingResult settingFromSeconds(const SettingType &type, double seconds, const QString &shown);

/// What stands against a pair as a request header.
std::optional<SettingFault> headerFault(const QString &name, const QString &value);

} // namespace ExporterProxy
