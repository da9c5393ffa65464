namespace Tikr.LoadGenerator.Checking;

/// <summary>Bars compared with what was sent.</summary>
internal sealed record Verification(long Exact, long Wrong, long Missing, long Unexpected, long Revised, IReadOnlyList<string> Samples)
{
    private const int MostSamples = 10;

    public static Verification None { get; } = new(0, 0, 0, 0, 0, []);

    public bool Holds => Wrong == 0 && Missing == 0 && Unexpected == 0;

    public Verification Plus(Verification other) => new(
        Exact + other.Exact, Wrong + other.Wrong, Missing + other.Missing, Unexpected + other.Unexpected, Revised + other.Revised,
        [.. Samples.Concat(other.Samples).Take(MostSamples)]);

    public override string ToString() => $"exact {Exact}, wrong {Wrong}, missing {Missing}, unexpected {Unexpected}, revised {Revised}";
}
