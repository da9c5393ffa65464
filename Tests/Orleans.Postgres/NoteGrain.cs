namespace Tikr.Tests.Orleans.Postgres;

/// <summary>Keeps a note.</summary>
public interface INoteGrain : IGrainWithStringKey
{
    /// <summary>The note, and whether one is stored.</summary>
    Task<(string Text, bool Stored)> ReadAsync();

    /// <summary>Stores a note.</summary>
    Task WriteAsync(string text);

    /// <summary>Removes it.</summary>
    Task ClearAsync();

    /// <summary>Where this activation is.</summary>
    Task<string> WhereAsync();
}

/// <summary>What is stored.</summary>
[GenerateSerializer]
public sealed class Note
{
    /// <summary>The note.</summary>
    [Id(0)]
    public string Text { get; set; } = "";
}

/// <inheritdoc/>
public sealed class NoteGrain([PersistentState("note")] IPersistentState<Note> note, ILocalSiloDetails silo) : Grain, INoteGrain
{
    /// <inheritdoc/>
    public async Task<(string Text, bool Stored)> ReadAsync()
    {
        await note.ReadStateAsync();
        return (note.State.Text, note.RecordExists);
    }

    /// <inheritdoc/>
    public Task WriteAsync(string text)
    {
        note.State.Text = text;
        return note.WriteStateAsync();
    }

    /// <inheritdoc/>
    public Task ClearAsync() => note.ClearStateAsync();

    /// <inheritdoc/>
    public Task<string> WhereAsync() => Task.FromResult(silo.SiloAddress.ToParsableString());
}
