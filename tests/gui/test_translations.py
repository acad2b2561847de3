# SPDX-License-Identifier: GPL-3.0-or-later
"""The monitor's translations are complete: a text that somebody adds or changes fails here until it is translated."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

ROOT = os.environ["EXPORTER_PROXY_SOURCE"]
FOLDER = os.path.join(ROOT, "gui", "translations")
GERMAN = os.path.join(FOLDER, "exporter-proxy-monitor_de.ts")
ENGLISH = os.path.join(FOLDER, "exporter-proxy-monitor_en.ts")

HOW_TO = "run gui/translations/update.sh, then translate what is marked as unfinished"


class Message:
    def __init__(self, context, element):
        self.source = element.findtext("source")
        self.is_plural = element.get("numerus") == "yes"
        self.key = (context, self.source, element.findtext("comment") or "", self.is_plural)
        translation = element.find("translation")
        self.status = translation.get("type")
        self.texts = [form.text or "" for form in translation.iter("numerusform")] if self.is_plural \
            else [translation.text or ""]


def messages(path):
    return [Message(context.findtext("name"), element)
            for context in ElementTree.parse(path).getroot().iter("context")
            for element in context.iter("message")]


def placeholders(text):
    return sorted(re.findall(r"%(?:L?\d+|n)", text))


def faults(path):
    """What is wrong with the translations of a file, one sentence each."""
    for message in messages(path):
        if message.status or not all(message.texts):
            yield f"not translated: {message.key}"
            continue
        for text in message.texts:
            # "One application" may do without its number.
            if placeholders(text) != placeholders(message.source) and not message.is_plural:
                yield f"other placeholders: {message.source!r} and {text!r}"
            if ("&" in message.source) != ("&" in text):
                yield f"a key for the menu in one only: {message.source!r} and {text!r}"
            if message.source.endswith("…") != text.endswith("…"):
                yield f"an ellipsis at the end of one only: {message.source!r} and {text!r}"


def updated(path, *further_sources):
    """What the texts of the code make of a copy of the file."""
    with tempfile.TemporaryDirectory() as folder:
        for source in (GERMAN, ENGLISH):
            shutil.copy(source, folder)
        subprocess.run([os.path.join(FOLDER, "update.sh"), folder, *further_sources], check=True, capture_output=True)
        return messages(os.path.join(folder, os.path.basename(path)))


class TestTranslations(unittest.TestCase):
    maxDiff = None

    def test_german_is_complete(self):
        self.assertEqual([], list(faults(GERMAN)))
        self.assertGreater(len(messages(GERMAN)), 100)

    def test_texts_are_under_the_names_that_the_program_asks_by(self):
        contexts = {message.key[0] for message in messages(GERMAN)}
        self.assertIn("ExporterProxy::Monitor::DetailsPane", contexts)
        self.assertNotIn("DetailsPane", contexts)

    def test_english_plurals_are_complete(self):
        self.assertEqual([], list(faults(ENGLISH)))

    def test_german_has_the_texts_of_the_code(self):
        self.assertEqual(sorted(message.key for message in updated(GERMAN)),
                         sorted(message.key for message in messages(GERMAN)), HOW_TO)

    def test_english_has_the_plurals_of_the_code(self):
        self.assertEqual(sorted(message.key for message in updated(ENGLISH)),
                         sorted(message.key for message in messages(ENGLISH)), HOW_TO)

    def test_a_new_text_would_be_noticed(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "new.cpp"), "w", encoding="utf-8") as file:
                file.write('QString text() { return QCoreApplication::translate("New", "a new text"); }\n')
            new = updated(GERMAN, folder)
        self.assertIn(("New", "a new text", "", False), [message.key for message in new])

    def test_an_incomplete_translation_would_be_noticed(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.ts")
            for translation in ('<translation type="unfinished">x %1</translation>', "<translation></translation>",
                                "<translation>x</translation>"):
                with open(path, "w", encoding="utf-8") as file:
                    file.write("<TS><context><name>C</name><message><source>y %1</source>"
                               f"{translation}</message></context></TS>")
                self.assertEqual(1, len(list(faults(path))), translation)


if __name__ == "__main__":
    unittest.main()
