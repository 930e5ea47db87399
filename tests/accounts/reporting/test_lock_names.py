"""Python locks in a schedule's table: whose lock it is, and when it is let go."""

from accounts.reporting.lock_names import locks_are_apart, name_locks, name_process


def rows(*lines: tuple[str, str]) -> list[dict]:
    return [{"number": number, "cells": list(cells)} for number, cells in enumerate(lines, start=1)]


def cells(found: list[dict]) -> list[list[str]]:
    return [row["cells"] for row in found]


def test_with_a_process_for_each_every_lock_has_its_process():
    table = rows(("take LOCK", ""), ("", "take LOCK"), ("COMMIT", ""), ("", "COMMIT"))

    found = cells(name_locks("separate", ["t", "a"], table, ended={"t", "a"}))

    assert found == [
        ["take LOCK (of process 1)", ""],
        ["", "take LOCK (of process 2)"],
        ["COMMIT, then lets LOCK go", ""],
        ["", "COMMIT, then lets LOCK go"],
    ]


def test_in_one_process_it_is_one_lock_and_its_release_is_shown():
    table = rows(("take LOCK", ""), ("", "take LOCK: waits for t"), ("COMMIT", "goes on"), ("", "COMMIT"))

    found = cells(name_locks("shared", ["t", "a"], table, ended={"t", "a"}))

    assert found[1:] == [
        ["", "take LOCK: waits for t"],
        ["COMMIT, then lets LOCK go", "goes on"],
        ["", "COMMIT, then lets LOCK go"],
    ]


def test_session_that_has_not_ended_still_holds_its_lock():
    table = rows(("take LOCKS[1]", ""), ("take LOCKS[2]", ""))

    assert cells(name_locks("shared", ["t", "a"], table, ended=set())) == cells(table)
    last = cells(name_locks("shared", ["t", "a"], table, ended={"t"}))[-1]
    assert last == ["take LOCKS[2], then lets LOCKS[1] and LOCKS[2] go", ""]


def test_step_that_waits_keeps_its_words():
    assert name_process("separate", "take LOCK: waits for t", 1) == "take LOCK (of process 2): waits for t"


def test_lock_that_was_refused_is_not_let_go():
    table = rows(("take LOCK -> it is taken",), ("COMMIT",))

    assert cells(name_locks("shared", ["t"], table, ended={"t"})) == cells(table)


def test_lock_file_is_one_for_all_processes():
    assert name_process("separate", "take the file 1.lock", 0) == "take the file 1.lock"
    assert not locks_are_apart("separate", ["take the file 1.lock"])


def test_only_python_locks_of_separate_processes_are_apart():
    assert locks_are_apart("separate", ["take LOCK"])
    assert not locks_are_apart("shared", ["take LOCK"])
    assert not locks_are_apart("separate", ["SELECT 1 FOR UPDATE -> 1: 5,000"])
    assert not locks_are_apart("separate", [])
