create type app.note_state as enum ('open', 'closed'); -- caught
