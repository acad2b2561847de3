// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QLoggingCategory>
#include <QStringList>

namespace ExporterProxy::Compat {

/// While it lives Qt finds no TLS backend. QAbstractHttpServer's constructor makes a QSslConfiguration even
/// if TLS is never used, and that alone loads OpenSSL: 4 MB of memory and a good part of the time to start.
/// Afterwards Qt looks again, so that polls by https work. Main thread; nothing else may load plugins
/// meanwhile.
class WithoutTlsBackend
{
public:
    WithoutTlsBackend()
        : m_paths(QCoreApplication::libraryPaths())
        , m_filter(QLoggingCategory::installFilter(silence))
    {
        s_otherFilter = m_filter;
        QCoreApplication::setLibraryPaths({});
    }
    ~WithoutTlsBackend()
    {
        QCoreApplication::setLibraryPaths(m_paths);
        QLoggingCategory::installFilter(m_filter);
    }
    WithoutTlsBackend(const WithoutTlsBackend &) = delete;
    WithoutTlsBackend &operator=(const WithoutTlsBackend &) = delete;

private:
    /// Qt warns that there is no TLS backend: here that is the intention.
    static void silence(QLoggingCategory *category)
    {
        if (s_otherFilter)
            s_otherFilter(category);
        if (QByteArrayView(category->categoryName()) == "qt.network.ssl")
            category->setEnabled(QtWarningMsg, false);
    }

    static inline QLoggingCategory::CategoryFilter s_otherFilter = nullptr;
    const QStringList m_paths;
    const QLoggingCategory::CategoryFilter m_filter;
};

} // namespace ExporterProxy::Compat
