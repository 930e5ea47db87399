"""A job's transfers, shared by its threads."""

import threading

from accounts.storms.work_queue import Work

ORDERS = list("abcde")  # what they are is of no account to the queue


def test_each_transfer_is_taken_once():
    work = Work(ORDERS, thread_count=2)

    assert [work.take(2), work.take(2), work.take(2), work.take(2)] == [["a", "b"], ["c", "d"], ["e"], []]


def test_nothing_is_taken_after_the_rest_was_dropped():
    work = Work(ORDERS, thread_count=1)
    work.take(1)

    work.drop_the_rest()

    assert work.take(1) == []


def test_audit_waits_until_its_share_of_the_transfers_has_ended():
    work = Work(ORDERS, thread_count=1)
    results = []
    waiter = threading.Thread(target=lambda: results.append(work.wait_until_ended(0.4)))
    waiter.start()

    work.note_ended(1)
    assert results == []
    work.note_ended(1)
    waiter.join(30)

    assert results == [True]


def test_audit_does_not_wait_for_transfers_that_no_thread_does():
    work = Work(ORDERS, thread_count=2)
    work.note_ended(1)
    results = []
    waiter = threading.Thread(target=lambda: results.append(work.wait_until_ended(1.0)))
    waiter.start()

    work.leave()
    assert results == []
    work.leave()
    waiter.join(30)

    assert results == [False]
