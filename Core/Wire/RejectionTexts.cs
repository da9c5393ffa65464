using System.Globalization;
using System.Text;
using Tikr.Core.Dimensions;
using Tikr.Core.Ingest;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Core.Time;

namespace Tikr.Core.Wire;

/// <summary>The words for rejected ticks: the thing, the value, the rule and the remedy.</summary>
internal static class RejectionTexts
{
    private const int MaxShown = 64;

    /// <summary>A key that the key table rejected.</summary>
    public static string RejectedKey(InternedKey key) => key.Rejection switch
    {
        RejectionReasons.CardinalityLimit =>
            $"Key {Shortened(key.Dimensions.ToString())} of series '{key.Model.Name}' is new, and the series already holds max_keys = " +
            $"{key.Model.Spec.MaxKeys} keys; send fewer distinct dimension values, "
                + $"raise max_keys in the spec, or wait until old keys have expired.",
        RejectionReasons.DimensionHashCollision =>
            $"Key {Shortened(key.Dimensions.ToString())} of series '{key.Model.Name}' "
                + $"has the same 128-bit hash {key.Dimensions.Hash:x32} as another " +
            "stored key, and one hash may stand for one key only; change one of the dimension values.",
        var other => $"Key {Shortened(key.Dimensions.ToString())} of series '{key.Model.Name}' is refused: {other}.",
    };

    /// <summary>A tick of a bucket of which the store has deleted others since the tick was received.</summary>
    public static string Deleted(ulong timestamp, long earliestNs) => string.Create(
        CultureInfo.InvariantCulture,
        $"Timestamp {timestamp} is before {UnixTime.ToTime(earliestNs):u}: older ticks have just been deleted (storage.ticks.ttl, "
            + $"storage.ticks.max_size_gb), and its bar could not be complete; send it sooner, or raise these.");

    /// <summary>A series that no spec declares.</summary>
    public static string UnknownSeries(ReadOnlySpan<byte> name, IReadOnlyList<DecoderSeries> known) =>
        (name.IsEmpty ? "The message names no series" : $"Series {Quoted(name)} is not declared by any spec") +
        $"; declared {(known.Count == 0 ? "is none" : "are " + Listed(known.Select(series => series.Model.Name)))}. " +
        "Correct the name, or add a spec to specs_dir and restart.";

    /// <summary>A series name that is not text.</summary>
    public static string SeriesNotUtf8(ReadOnlySpan<byte> name) =>
        $"The series name {Quoted(name)} is not valid UTF-8; proto3 strings must be: encode it as UTF-8.";

    /// <summary>Anything wrong with one tick of a known series.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="model">The series.</param>
    /// <param name="subject">Name of the dimension or field.</param>
    /// <param name="value">Its value, if it matters.</param>
    public static string Of(string reason, SeriesModel model, ReadOnlySpan<byte> subject, ReadOnlySpan<byte> value)
    {
        var spec = model.Spec;
        return reason switch
        {
            RejectionReasons.MissingDimension =>
                $"Dimension {Quoted(subject)} is missing: ticks of series '{model.Name}' carry "
                    + $"{Dimensions(spec)}; send all of them, an empty value is allowed.",
            RejectionReasons.UnknownDimension =>
                $"Dimension {Quoted(subject)} (value {Quoted(value)}) is not one of series '{model.Name}', which has {Dimensions(spec)}; " +
                "leave it out, or add it to the spec.",
            RejectionReasons.DimensionTooLong =>
                $"Dimension {Quoted(subject)} has {value.Length} bytes ({Quoted(value)}); "
                    + $"max_dimension_bytes of series '{model.Name}' is " +
                $"{spec.MaxDimensionBytes}; shorten the value, or raise the limit in the spec.",
            RejectionReasons.InvalidUtf8 =>
                $"{Quoted(subject)}{(value.IsEmpty ? "" : " = " + Quoted(value))} is not "
                    + $"valid UTF-8; names and dimension values are proto3 strings: " +
                "encode them as UTF-8.",
            RejectionReasons.MissingField =>
                $"Field {Quoted(subject)} is missing, and series '{model.Name}' has "
                    + $"missing_field: reject; send it, or set missing_field to zero or skip.",
            RejectionReasons.UnknownField =>
                $"Field {Quoted(subject)} is read by no metric, and series '{model.Name}' "
                    + $"has unknown_field: reject; leave it out, add a metric, or set " +
                "unknown_field: ignore.",
            RejectionReasons.CardinalityLimit =>
                $"A further key of series '{model.Name}' does not fit in memory beside "
                    + $"those in use (ingest.max_keys_in_memory, server.memory); " +
                "send fewer distinct dimension values at a time, or retry once others have fallen idle.",
            _ => $"A tick of series '{model.Name}' is refused: {reason}.",
        };
    }

    /// <summary>A timestamp outside the accepted range.</summary>
    public static string Timestamp(SeriesModel model, ulong timestamp, long unitNs, in AcceptedRange accepted, out string reason)
    {
        reason = RejectionReasons.TimestampOutOfRange;
        var unit = model.Spec.Precision.ToString().ToLowerInvariant();
        if (timestamp > (ulong)(long.MaxValue / unitNs))
        {
            return $"Timestamp {timestamp} ({unit}s) lies beyond the year 2262, "
                + $"the end of 64-bit nanoseconds; check the producer's unit, " +
                $"series '{model.Name}' takes {unit}s.";
        }

        var timeNs = (long)timestamp * unitNs;
        if (timeNs < accepted.EarliestNs)
        {
            return $"Timestamp {timestamp} ({Date(timeNs)}) is before {Date(accepted.EarliestNs)}, "
                + $"from when on series '{model.Name}' is still kept whole; " +
                $"send newer ticks, raise the TTLs, or check the producer's unit (the series takes {unit}s).";
        }

        if (timeNs > accepted.LatestNs)
        {
            return $"Timestamp {timestamp} ({Date(timeNs)}) is ahead of the clock, {Date(accepted.NowNs)}, by more than max_future = " +
                $"{Seconds(model.Spec.MaxFutureNs)}; check the producer's clock and unit "
                    + $"(the series takes {unit}s), or raise max_future in the spec.";
        }

        reason = RejectionReasons.TooLate;
        return $"Timestamp {timestamp} ({Date(timeNs)}) falls into a bar of series "
            + $"'{model.Name}' that closed {Seconds(model.Spec.GraceNs)} of grace after its end " +
            "(late: drop); send ticks sooner, raise grace, or set late: revise.";
    }

    /// <summary>Bytes from the wire as text, not too long.</summary>
    public static string Shown(ReadOnlySpan<byte> utf8)
    {
        // Shortened before it is turned into text: values may be megabytes.
        var text = Encoding.UTF8.GetString(utf8.Length > MaxShown * 4 ? utf8[..(MaxShown * 4)] : utf8);
        return Shortened(text);
    }

    private static string Dimensions(SeriesSpec spec) =>
        spec.Dimensions.IsEmpty ? "no dimensions" : Listed(spec.Dimensions.Select(dimension => dimension.Name));

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names.Take(10)) + (names.Skip(10).Any() ? ", ..." : "");

    private static string Quoted(ReadOnlySpan<byte> utf8) => $"'{Shown(utf8)}'";

    private static string Shortened(string text)
    {
        if (text.Length <= MaxShown) return text;
        var cut = char.IsHighSurrogate(text[MaxShown - 1]) ? MaxShown - 1 : MaxShown;
        return text[..cut] + "...";
    }

    private static string Seconds(long ns) => (ns / 1e9).ToString("0.###", CultureInfo.InvariantCulture) + " s";

    private static string Date(long ns) =>
        UnixTime.ToTime(ns).ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture) + "Z";
}
