namespace Tikr.Streaming.Kafka.Connection;

/// <summary>
/// Checks what every use of a connection has in common. A text names the value, the rule and the remedy, and never a secret.
/// </summary>
internal static class ConnectionRules
{
    /// <summary>Adds what is wrong.</summary>
    /// <param name="options">The connection.</param>
    /// <param name="reserved">Settings that a promise rests on, with the option to use instead.</param>
    /// <param name="errors">Takes the texts.</param>
    public static void Check(KafkaConnectionOptions options, IReadOnlyDictionary<string, string> reserved, List<string> errors)
    {
        if (string.IsNullOrWhiteSpace(options.BootstrapServers))
            errors.Add("BootstrapServers is empty: it must name at least one broker. Give it as 'host:9092,other:9092'.");
        else
            errors.AddRange(options.BootstrapServers.Split(',').Where(broker => !IsBroker(broker.Trim())).Select(broker =>
                $"BootstrapServers has '{broker.Trim()}': each must be host:port with a port from 1 to 65535. Write it as 'kafka:9092'."));
        if (string.IsNullOrWhiteSpace(options.ClientId))
            errors.Add("ClientId is empty: brokers log and limit clients by it. Give it a name such as 'orders-silo'.");
        if (options.StatisticsInterval < TimeSpan.Zero || options.StatisticsInterval > TimeSpan.FromDays(1))
            errors.Add($"StatisticsInterval is {options.StatisticsInterval}: it must be from 0 (off) to one day. The default is 0.");
        CheckLogin(options, errors);
        CheckReserved(options, reserved, errors);
    }

    /// <summary>Adds an error for each setting that a promise rests on.</summary>
    public static void CheckReserved(KafkaConnectionOptions options, IReadOnlyDictionary<string, string> reserved, List<string> errors) =>
        errors.AddRange(options.Settings.Keys.Where(reserved.ContainsKey).Select(name =>
            $"Settings has '{name}': what this library promises rests on it, so it cannot be set. {reserved[name]}"));

    /// <summary>Adds an error if a value lies outside a range.</summary>
    public static void CheckRange<T>(string name, T value, T least, T most, string remedy, List<string> errors)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            errors.Add($"{name} is {value}: it must be from {least} to {most}. {remedy}");
    }

    private static void CheckLogin(KafkaConnectionOptions options, List<string> errors)
    {
        var isSasl = options.SecurityProtocol is Confluent.Kafka.SecurityProtocol.SaslPlaintext or Confluent.Kafka.SecurityProtocol.SaslSsl;
        if (!isSasl && (options.SaslMechanism is not null || options.SaslPassword is not null))
            errors.Add($"SecurityProtocol is {options.SecurityProtocol?.ToString() ?? "not set"} "
                + $"while SASL is configured: it must be SaslSsl or SaslPlaintext, or the password "
                + "would go unused. Set SecurityProtocol = SaslSsl.");
        var takesPassword = isSasl && options.SaslMechanism is Confluent.Kafka.SaslMechanism.Plain
            or Confluent.Kafka.SaslMechanism.ScramSha256 or Confluent.Kafka.SaslMechanism.ScramSha512;
        if (takesPassword && (string.IsNullOrEmpty(options.SaslUsername) || string.IsNullOrEmpty(options.SaslPassword)))
            errors.Add(
                $"SaslMechanism is {options.SaslMechanism}: it needs SaslUsername and SaslPassword, of which one is empty. Set both.");
        if (options.SslKeyLocation is not null && options.SslCertificateLocation is null)
            errors.Add("SslKeyLocation is set without SslCertificateLocation: a key needs its certificate. Set both or neither.");
    }

    private static bool IsBroker(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), out var port) && port > 0;
    }
}
