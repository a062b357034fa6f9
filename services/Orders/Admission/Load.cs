namespace Quayside.Orders.Admission;

/// <summary>Why no order is admitted now.</summary>
internal enum Overload
{
    /// <summary>Too many orders are under way.</summary>
    Sagas,

    /// <summary>Too many orders of this user are under way.</summary>
    User,

    /// <summary>What is committed does not get to the broker.</summary>
    Relay,
}

/// <summary>What is under way: measured, and what was admitted since.</summary>
internal sealed class Load(IReadOnlyDictionary<string, int> runningOfUsers, TimeSpan relayLag)
{
    private readonly Dictionary<string, int> _ofUsers = new(runningOfUsers, StringComparer.Ordinal);
    private int _running = runningOfUsers.Values.Sum();

    /// <summary>The same orders with a newer lag.</summary>
    public Load Later(TimeSpan newerLag)
    {
        lock (_ofUsers)
            return new(_ofUsers, newerLag);
    }

    /// <returns>Null if one more order may be placed; it is counted from then on.</returns>
    public Overload? Admit(string userId, AdmissionOptions limits)
    {
        lock (_ofUsers)
        {
            var ofUser = _ofUsers.GetValueOrDefault(userId);
            if (relayLag > limits.RelayLag)
                return Overload.Relay;
            if (_running >= limits.RunningSagas)
                return Overload.Sagas;
            if (ofUser >= limits.RunningSagasPerUser)
                return Overload.User;
            _running++;
            _ofUsers[userId] = ofUser + 1;
            return null;
        }
    }
}
