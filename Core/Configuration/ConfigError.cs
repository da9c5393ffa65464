using System.Text;

namespace Tikr.Core.Configuration;

/// <summary>One mistake in a configuration or spec file, or in the environment.</summary>
/// <param name="File">The file as it was named; <see cref="Located.Environment"/> for environment variables.</param>
/// <param name="Line">Line from 1; 0 where there is none (environment, folder).</param>
/// <param name="Key">Path of the key (<c>metrics[2].aggregation</c>) or name of the variable; empty for the file as a whole.</param>
/// <param name="Value">The value; null when the key is missing or has no single value.</param>
/// <param name="Rule">What is wrong: the rule that the value breaks.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record ConfigError(string File, int Line, string Key, string? Value, string Rule, string Remedy)
{
    /// <summary>The error on one line: <c>file:line: key = value: rule. Remedy.</c></summary>
    public override string ToString() => $"{ConfigText.Place(File, Line, Key, Value)}: {Rule}. {Remedy}";
}

/// <summary>Something that the operator should know and that does not stop the start.</summary>
/// <param name="Severity">Whether it should be changed, or is only said.</param>
/// <param name="File">The file, as in <see cref="ConfigError.File"/>.</param>
/// <param name="Line">The line, as in <see cref="ConfigError.Line"/>.</param>
/// <param name="Key">The key, as in <see cref="ConfigError.Key"/>.</param>
/// <param name="Value">The value, as in <see cref="ConfigError.Value"/>.</param>
/// <param name="Text">What there is to know.</param>
public sealed record ConfigNotice(NoticeSeverity Severity, string File, int Line, string Key, string? Value, string Text)
{
    /// <summary>The notice on one line: <c>file:line: key = value: text.</c></summary>
    public override string ToString() => $"{ConfigText.Place(File, Line, Key, Value)}: {Text}";
}

/// <summary>How much a notice matters.</summary>
public enum NoticeSeverity
{
    /// <summary>For information: a key that is understood and has no effect in this version.</summary>
    Notice,

    /// <summary>The setting works, but should be changed.</summary>
    Warning,
}

/// <summary>How places in files are written.</summary>
internal static class ConfigText
{
    private const int LongestValue = 80;

    public static string Place(string file, int line, string key, string? value)
    {
        var text = new StringBuilder(file);
        if (line > 0) text.Append(':').Append(line);
        if (key.Length == 0) return text.ToString();
        text.Append(": ").Append(key);
        return value is null ? text.ToString() : text.Append(" = ").Append(Shown(value)).ToString();
    }

    /// <summary>A value as one short line: quotes around nothing, no control characters, long ones cut.</summary>
    public static string Shown(string value)
    {
        if (value.Length == 0) return "\"\"";
        var text = new StringBuilder(Math.Min(value.Length, LongestValue) + 1);
        foreach (var c in value.Length > LongestValue ? value[..LongestValue] : value) text.Append(char.IsControl(c) ? '\uFFFD' : c);
        if (value.Length > LongestValue) text.Append('…');
        return text.ToString();
    }
}
