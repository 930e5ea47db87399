"""Says without being told what is right: a schedule is right if it ends as some serial order of the calls does."""
