using Spectre.Console;
using Tikr.Cli;

return await TikrCommand.RunAsync(args, new Terminal(Console.Out, Console.Error, AnsiConsole.Console), TimeProvider.System);
