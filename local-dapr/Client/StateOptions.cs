namespace Dapr.Client;

public enum ConsistencyMode
{
    Eventual,
    Strong,
}

public enum ConcurrencyMode
{
    FirstWrite,
    LastWrite,
}

public enum StateOperationType
{
    Upsert,
    Delete,
}

/// <summary>How a state operation is to be done; what is null is left to the store.</summary>
public class StateOptions
{
    public ConsistencyMode? Consistency { get; set; }

    public ConcurrencyMode? Concurrency { get; set; }
}
