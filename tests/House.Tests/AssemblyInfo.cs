// Each house is eleven processes: one at a time, or they time each other out on a small machine.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
