namespace Tikr.Orleans.Postgres.Schema;

/// <summary>A table that the providers' queries work on.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">What an existing table must have, by name, with the types that will do.</param>
/// <param name="Definition">Statements that create it.</param>
internal sealed record OrleansTable(string Name, IReadOnlyDictionary<string, string[]> Columns, string Definition);
