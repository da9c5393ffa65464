namespace Tikr.Publishing;

/// <summary>The words of this project's errors.</summary>
internal static class Errors
{
    public const string NoBrokers = "kafka.brokers is empty: name at least one broker as host:port.";

    public static string OutOfBounds<T>(string key, T value, T least, T most) => $"{key} is {value}: it must be from {least} to {most}.";

    public static string Broken(string condition) =>
        $"The sender's own state is wrong: '{condition}' does not hold. This is a fault of Tikr; please report it with the log.";
}
