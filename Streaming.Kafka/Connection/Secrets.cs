namespace Tikr.Streaming.Kafka.Connection;

/// <summary>
/// Takes the secrets of a connection out of texts that come from elsewhere (librdkafka, exceptions) before they are logged or shown.
/// </summary>
internal sealed class Secrets
{
    private const string Mark = "[redacted]";
    private static readonly string[] SecretWords = ["password", "secret", "pem", "token", "jaas", "oauthbearer.config", "sasl.username"];

    private readonly string[] _values;

    /// <summary>Those of a connection.</summary>
    public Secrets(KafkaConnectionOptions options) => _values =
    [
        .. new[] { options.SaslPassword, options.SslKeyPassword }
            .Concat(options.Settings.Where(setting => IsSecret(setting.Key)).Select(setting => setting.Value))
            .Where(value => !string.IsNullOrEmpty(value)).Select(value => value!)
            .Distinct().OrderByDescending(value => value.Length),
    ];

    /// <summary>The text without secrets.</summary>
    public string Scrub(string? text)
    {
        text ??= "";
        foreach (var value in _values) text = text.Replace(value, Mark, StringComparison.Ordinal);
        return text;
    }

    private static bool IsSecret(string setting) => SecretWords.Any(word => setting.Contains(word, StringComparison.OrdinalIgnoreCase));
}
