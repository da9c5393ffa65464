namespace Tikr.KafkaStreams;

/// <summary>The command line: <c>[brokers] [seconds] [silo port]</c>.</summary>
/// <param name="Brokers">Brokers, or null for one inside this process.</param>
/// <param name="Seconds">How long to run.</param>
/// <param name="SiloPort">Port of the silo; its gateway takes the next.</param>
internal sealed record SampleArguments(string? Brokers, int Seconds, int SiloPort)
{
    /// <summary>Name of the stream provider.</summary>
    public const string Provider = "kafka";

    public static SampleArguments Parse(string[] args) => new(
        args is [{ Length: > 0 } brokers, ..] && brokers != "-" ? brokers : null,
        args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : int.MaxValue,
        args.Length > 2 ? int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : 11111);
}
