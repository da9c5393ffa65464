namespace Tikr.Tests.Fuzz;

/// <summary>Code that takes bytes of strangers, with what must hold for any of them.</summary>
internal interface IFuzzTarget
{
    /// <summary>Inputs to begin with: good ones, of every kind.</summary>
    IEnumerable<byte[]> Seeds { get; }

    /// <summary>Pieces that the format knows.</summary>
    IReadOnlyList<byte[]> Tokens { get; }

    /// <summary>Throws where something does not hold.</summary>
    void Run(byte[] input);
}

/// <summary>The targets by name.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyDictionary<string, IFuzzTarget> All { get; } = new Dictionary<string, IFuzzTarget>
    {
        ["wire"] = new WireTarget(),
        ["blocks"] = new BlockTarget(),
        ["otlp"] = new OtlpTarget(),
    };
}
