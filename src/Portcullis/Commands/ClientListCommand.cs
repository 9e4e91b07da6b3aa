using System.CommandLine;
using System.Text.Json;

namespace Portcullis.Commands;

/// <summary><c>client list</c>: the clients as they are registered, without secrets.</summary>
internal static class ClientListCommand
{
    public static Command Create()
    {
        var output = OutputOption.Create();
        return CommandStore.Verb(new("list", "Lists the clients") { output }, async (parsed, store) =>
        {
            var all = (await (await store.ClientsAsync()).ListAsync()).Select(ClientDescription.Of);
            var writer = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(output) == OutputOption.Json)
            {
                writer.WriteLine(JsonSerializer.Serialize(all, ClientDescription.Json));
                return 0;
            }

            foreach (var line in all.SelectMany(client => client.Lines())) writer.WriteLine(line);
            return 0;
        });
    }
}
