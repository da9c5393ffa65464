namespace Tikr.Core.Otlp.Reading;

/// <summary>What is wrong with a payload: the first thing found.</summary>
internal sealed class ReadProblem
{
    public string? Text { get; private set; }

    public void Note(string text) => Text ??= text;
}
