namespace Quayside.Outside;

public sealed class OutsideOptions
{
    /// <summary>How long the bank keeps a caller with tok_timeout waiting after it has captured.</summary>
    public TimeSpan TimeoutAnswerAfter { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A parcel can be cancelled until it is collected.</summary>
    public TimeSpan CollectAfter { get; set; } = TimeSpan.FromMinutes(1);
}
