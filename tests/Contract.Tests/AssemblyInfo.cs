// Conversations pause more than they compute.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
