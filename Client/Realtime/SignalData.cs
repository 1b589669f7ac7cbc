using System.Runtime.InteropServices;
using System.Text.Json;
using Contracts;
using Contracts.Frames;

namespace Client.Realtime;

/// <summary>What a signal may carry, checked before it is sent: the server would refuse it, and what is nested deeper cannot even be written.</summary>
internal static class SignalData
{
    /// <exception cref="RealtimeException">Too long, or nested too deep.</exception>
    public static void ThrowIfTooLarge(JsonElement data)
    {
        var json = JsonMarshal.GetRawUtf8Value(data);
        if (json.Length > Limits.SignalBytes)
        {
            throw new RealtimeException(ErrorCodes.TooLarge, $"The data of a signal is at most {Limits.SignalBytes} bytes long.");
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = json.Length + 1 });
        while (reader.Read())
        {
            // What a token opens is not counted in its own depth.
            var opened = reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject ? 1 : 0;
            if (reader.CurrentDepth + opened > Limits.SignalDepth)
            {
                throw new RealtimeException(ErrorCodes.TooLarge, $"The data of a signal is nested at most {Limits.SignalDepth} deep.");
            }
        }
    }
}
