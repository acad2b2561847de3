// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/merge/mergereport.h"
#include "common/exposition/merge/sampleline.h"
#include "common/model/appsnapshot.h"

#include <vector>

namespace ExporterProxy {

/// The texts of the applications with a label for the application at each sample (SampleLineWriter). All else
/// stays as it was sent.
///
/// A text that cannot be parsed stays as it is, without the label: without validation, the page shows what
/// was sent. Each text is rewritten once after it has changed, and kept until it changes again, which takes
/// as much memory again as the texts. Main thread only.
class LabelledTexts
{
public:
    explicit LabelledTexts(const QByteArray &label);

    /// Returns the view with the rewritten texts; names, order and versions are the same, and the revision is
    /// that of the text. Valid until the next call.
    const AppView &follow(const AppView &view);

    /// The applications whose texts cannot be parsed, by name.
    const std::vector<MergeReport> &reports() const { return m_reports; }

private:
    QByteArray labelled(const AppSnapshot &app, QByteArray &fault);

    const QByteArray m_label;
    SampleLineWriter m_writer;
    AppView m_view;
    std::vector<MergeReport> m_reports;
};

} // namespace ExporterProxy
