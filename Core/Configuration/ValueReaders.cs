using System.Buffers;
using System.Data.Common;
using System.Globalization;
using System.Net;
using System.Text;
using Tikr.Core.Time;

namespace Tikr.Core.Configuration;

/// <summary>Reads a value from its text; returns what is wrong with it, or null.</summary>
internal delegate Complaint? ValueReader<T>(string text, out T value);

/// <summary>The kinds of values that files and environment variables hold.</summary>
internal static class ValueReaders
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._");

    /// <summary>A Go duration within bounds, in nanoseconds.</summary>
    public static ValueReader<long> Nanoseconds(long least, long most, string why = "") => (string text, out long value) =>
    {
        if (!GoDuration.TryParse(text.AsSpan().Trim(), out value, out var problem)) return ConfigMessages.NotADuration(problem);
        return value < least || value > most ? ConfigMessages.OutsideDurations(least, most, why) : null;
    };

    /// <summary>A Go duration within bounds.</summary>
    public static ValueReader<TimeSpan> Duration(TimeSpan least, TimeSpan most)
    {
        var read = Nanoseconds(least.ToNanoseconds(), most.ToNanoseconds());
        return (string text, out TimeSpan value) =>
        {
            var complaint = read(text, out var nanoseconds);
            value = TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
            return complaint;
        };
    }

    /// <summary>A whole number within bounds.</summary>
    public static ValueReader<long> Whole(long least, long most) => (string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= least && value <= most
            ? null
            : ConfigMessages.NotWhole(least, most);

    /// <summary>A whole number within bounds that fits an int.</summary>
    public static ValueReader<int> SmallWhole(int least, int most) => (string text, out int value) =>
    {
        var complaint = Whole(least, most)(text, out var wide);
        value = complaint is null ? (int)wide : 0;
        return complaint;
    };

    /// <summary>A size in GB (of 1024^3 bytes, as upstream counts them), fractions allowed, as bytes.</summary>
    public static Complaint? Gigabytes(string text, out long bytes)
    {
        const decimal least = 0.001m, most = 1_000_000m, gigabyte = 1024m * 1024m * 1024m;
        const NumberStyles style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign;
        var read = decimal.TryParse(text, style, CultureInfo.InvariantCulture, out var value);
        var fits = read && value >= least && value <= most;
        bytes = fits ? (long)(value * gigabyte) : 0;
        return fits ? null : ConfigMessages.NotASize;
    }

    /// <summary>An amount of memory with its unit, MB or GB (of 1024), as bytes.</summary>
    public static Complaint? Memory(string text, out long bytes)
    {
        const decimal least = 64L << 20, most = 1L << 50;
        var unit = text.EndsWith("MB", StringComparison.Ordinal) ? 1L << 20 : text.EndsWith("GB", StringComparison.Ordinal) ? 1L << 30 : 0;
        var number = unit == 0 ? text : text[..^2].TrimEnd();
        var read = decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value);
        var fits = read && unit != 0 && value < most && value * unit is >= least and <= most;
        bytes = fits ? (long)(value * unit) : 0;
        return fits ? null : ConfigMessages.NotMemory;
    }

    /// <summary>An Npgsql connection string that names a host; the rest is for the database to judge.</summary>
    public static Complaint? ConnectionString(string text, out string value)
    {
        value = text.Trim();
        return TryReadConnection(value, out _) ? null : ConfigMessages.NotAConnection;
    }

    /// <summary>Takes a connection string apart; false if it is none, or names no host.</summary>
    public static bool TryReadConnection(string text, out DbConnectionStringBuilder parts)
    {
        parts = new DbConnectionStringBuilder();
        try
        {
            parts.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            // Its message may quote the text.
            return false;
        }

        return parts.ContainsKey("host") || parts.ContainsKey("server");
    }

    /// <summary>true or false; yes, no, on and off as YAML once had them.</summary>
    public static Complaint? Boolean(string text, out bool value)
    {
        value = text.ToLowerInvariant() is "true" or "yes" or "on";
        return value || text.ToLowerInvariant() is "false" or "no" or "off" ? null : ConfigMessages.NotABoolean;
    }

    /// <summary>An IP address to listen on.</summary>
    public static Complaint? Address(string text, out IPAddress value)
    {
        value = IPAddress.Loopback;
        if (text == "localhost") return null;
        // IPAddress reads "7" as 0.0.0.7; an address has dots or colons.
        if (!text.Contains(':') && text.Count(c => c == '.') != 3) return ConfigMessages.NotAnAddress;
        if (!IPAddress.TryParse(text, out var parsed)) return ConfigMessages.NotAnAddress;
        value = parsed;
        return null;
    }

    /// <summary>An IP address that others connect to.</summary>
    public static Complaint? ReachableAddress(string text, out IPAddress value) =>
        Address(text, out value) ?? (value.Equals(IPAddress.Any) || value.Equals(IPAddress.IPv6Any) ? ConfigMessages.NotReachable : null);

    /// <summary>A broker as host:port.</summary>
    public static Complaint? HostAndPort(string text, out string value)
    {
        value = text;
        var colon = text.LastIndexOf(':');
        var named = colon > 0 && !text.AsSpan().ContainsAny(" \t,/");
        return named && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
            ? null
            : ConfigMessages.NotHostAndPort;
    }

    /// <summary>A URL of http or https.</summary>
    public static Complaint? HttpUrl(string text, out Uri value)
    {
        var read = Uri.TryCreate(text, UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && url.Query.Length == 0 && url.Fragment.Length == 0 && url.UserInfo.Length == 0;
        value = url!;
        return read ? null : ConfigMessages.NotAUrl;
    }

    /// <summary>name=value, as the Kafka client's settings are written.</summary>
    public static Complaint? NameAndValue(string text, out string value)
    {
        value = text.Trim();
        var equals = value.IndexOf('=', StringComparison.Ordinal);
        var named = equals > 0 && value.AsSpan(0, equals).IndexOfAnyExcept(NameCharacters) < 0;
        return named && equals + 1 < value.Length ? null : ConfigMessages.NotNameAndValue;
    }

    /// <summary>A name: a short text on one line.</summary>
    public static Complaint? Name(string text, out string value)
    {
        const int longest = 200;
        value = text;
        var clean = text.Length == text.AsSpan().Trim().Length && !text.Any(char.IsControl);
        return clean && Encoding.UTF8.GetByteCount(text) <= longest ? null : ConfigMessages.NotAName(longest);
    }

    /// <summary>Any text.</summary>
    public static Complaint? Text(string text, out string value)
    {
        value = text;
        return null;
    }

    /// <summary>A Kafka topic, by the broker's rules.</summary>
    public static Complaint? Topic(string text, out string value)
    {
        value = text;
        return text.Length <= 249 && text is not "." and not ".." && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            ? null
            : ConfigMessages.NotATopic;
    }

    /// <summary>One of some words.</summary>
    /// <param name="words">The words and what they mean.</param>
    /// <param name="refused">Words that are understood and refused, with the reason.</param>
    public static ValueReader<T> Choice<T>((string Word, T Value)[] words, params (string Word, Complaint Why)[] refused) =>
        (string text, out T value) =>
    {
        foreach (var (word, meaning) in words)
        {
            value = meaning;
            if (word == text) return null;
        }

        value = words[0].Value;
        var why = refused.FirstOrDefault(entry => entry.Word == text).Why;
        string[] known = [.. words.Select(entry => entry.Word)];
        return why ?? ConfigMessages.NotAChoice(known, Nearest.To(text, known));
    };

    /// <summary>One of some words that stand for themselves.</summary>
    public static ValueReader<string> Word(params IEnumerable<string> words) => Choice([.. words.Select(word => (word, word))]);
}
