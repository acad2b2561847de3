// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/result.h"

#include <optional>
#include <QByteArray>
#include <QByteArrayView>
#include <vector>

namespace ExporterProxy {

/// A group of the Pushgateway's API: the labels in the path of a push, which all its samples get. The label
/// `job` is always there. Pure values.
///
/// Source: the section "API" of the Pushgateway's README, and its handlers, version 1.11.
struct PushGroup
{
    struct Label
    {
        QByteArray name; ///< UTF-8, as it is meant: `U__` names are decoded
        QByteArray value; ///< UTF-8, not escaped

        /// The name as every server reads it: what only UTF-8 names may have becomes `_`, as client libraries
        /// do it for a server that does not ask for such names. No two labels of a group have the same.
        QByteArray plainName() const;

        bool operator==(const Label &) const = default;
    };

    std::vector<Label> labels; ///< `job` first, then by name; no name twice

    /// The name of the application that holds the group: `job=JOB,label=value,…`. Two groups have the same
    /// name only if they have the same labels, so `,`, `=`, `%` and control characters are percent-encoded.
    QByteArray appName() const;

    /// Returns the group whose application has that name, or nullopt if no group has it.
    static std::optional<PushGroup> ofAppName(QByteArrayView name);

    /// Reads what follows `/metrics/` in a path, still percent-encoded: `job/JOB{/LABEL/VALUE}`, where
    /// `@base64` behind `job` or a label says that the value is base64 of the URL's alphabet, with or without
    /// padding. Of a label that is there several times the last value counts. A label's value may hold `%2F`,
    /// which is a part of it. Fails with a sentence for the sender.
    static Result<PushGroup> ofPath(QByteArrayView encodedPath);
};

} // namespace ExporterProxy
