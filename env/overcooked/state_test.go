package overcooked

const maxStateSize = 400 // bytes; a snapshot must fit one message with room to spare
