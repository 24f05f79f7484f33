// empty until the room is written
