"""The worker side: processes that run one task at a time.

    messages  what the driver and a worker say to each other
    zygote    the small process that forks workers on request and reports how they ended
    progress  what a running task says of itself, sent now and then
    worker    the loop of one worker: receive a task, run it, answer

A driver starts one zygote; each worker is forked from it with its own socket to the driver:

    driver ──control socket──> zygote ──fork──> worker, worker, ...
       └──────────────── one socket per worker ───────┘
"""
