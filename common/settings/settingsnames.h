// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace ExporterProxy {

/// `unknown key "receiver.fromat"; did you mean "format"?`: with the nearest key of the section, or the right
/// section for a key that is in the wrong one, or no proposal where nothing is near. `section` is empty for a
/// key outside of all sections.
QString unknownKeyText(const QString &section, const QString &key);

/// `unknown section "reciever"; did you mean "receiver"?`
QString unknownSectionText(const QString &section);

/// Whether there is a section of this name.
bool isKnownSection(QStringView section);

} // namespace ExporterProxy
